/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Killed while writing. A child declares, retracts, reports and acknowledges,
 * tells through a pipe what it is about to do and what it was told to be done,
 * and is killed with SIGKILL at a random moment, a hundred times over on one
 * store. Whatever it was told to be done must be there, the one thing it was
 * about to do may be, and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include "casework.h"
#include "statedir.h"

#define KILLS   100
#define SECTORS 4000u

enum op { DECLARE, RETRACT, REPORT, CLEAR_NOTHING, ACK, OPS };

struct message {
	bool done;
	enum op op;
	int64_t id; /* ACK */
	uint64_t start, len;
};

static const struct devid device = {.hw_id = "wwn-1", .name = "pmem0", .size = 1 << 30};

static uint64_t dice(uint64_t *seed, uint64_t sides)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(0x2545F4914F6CDD1D) >> 33) % sides;
}

/* ---- the child ---- */

static int act(struct store *store, const struct message *m, uint64_t now)
{
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, gone = RANGESET_NULL;
	int r;

	r = rangeset_add(&set, (struct byte_range){m->start, m->len});
	if (r)
		return r;
	switch (m->op) {
	case DECLARE: return casework_declare(store, &device, &set, "note", now, NULL);
	case RETRACT:
		r = casework_retract(store, &device, &set, now, NULL, &gone);
		return r == -ENOENT ? 0 : r;
	case REPORT: return casework_report(store, &device, SOURCE_BADBLOCKS, &set, now, NULL);
	case CLEAR_NOTHING: return store_set_text(store, "turn", now % 2 ? "odd" : "even");
	case ACK:
		r = store_ack(store, m->id, true, now % 2 ? "odd" : "even", now);
		return r == -ENOENT ? 0 : r;
	case OPS: break;
	}
	return -EINVAL;
}

static void churn(const char *dir, uint64_t seed, int out)
{
	struct store *store = NULL;

	if (store_open(dir, STORE_WRITE, &store))
		_exit(2);
	for (uint64_t now = 1;; now++) {
		struct message m = {
			.op = (enum op)dice(&seed, OPS),
			.id = 1 + (int64_t)dice(&seed, 50),
			.start = dice(&seed, SECTORS) * SECTOR_SIZE,
			.len = (1 + dice(&seed, 20)) * SECTOR_SIZE,
		};

		if (write(out, &m, sizeof(m)) != sizeof(m) || act(store, &m, now))
			_exit(3);
		m.done = true;
		if (write(out, &m, sizeof(m)) != sizeof(m))
			_exit(3);
	}
}

/* ---- what must be there ---- */

struct expected {
	struct rangeset declared, reported;
	int acks_done;
};

static void expected_deinit(struct expected *e)
{
	rangeset_deinit(&e->declared);
	rangeset_deinit(&e->reported);
}

static void apply(struct expected *e, const struct message *m)
{
	struct byte_range range = {m->start, m->len};

	if (m->op == DECLARE)
		assert_int_equal(rangeset_add(&e->declared, range), 0);
	if (m->op == RETRACT)
		assert_int_equal(rangeset_subtract(&e->declared, range), 0);
	if (m->op == REPORT)
		assert_int_equal(rangeset_add(&e->reported, range), 0);
}

/* All that the child said; @ret_open: it was about to do something, *@ret_last. */
static void hear(int in, struct expected *e, struct message *ret_last, bool *ret_open)
{
	struct message m;
	ssize_t n;

	*ret_open = false;
	while ((n = read(in, &m, sizeof(m))) == sizeof(m)) {
		*ret_open = !m.done;
		*ret_last = m;
		if (m.done)
			apply(e, &m);
	}
	assert_int_equal(n, 0);
}

struct sum {
	int64_t last_id;
	struct rangeset lost; /* of the living */
	int n, alive;
};

static int check_incident(int64_t row, const struct incident *incident, void *data)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL, rest = RANGESET_NULL;
	struct sum *sum = data;
	bool alive = incident->state == INCIDENT_OPEN || incident->state == INCIDENT_CLEARED;

	assert_true(incident->id > sum->last_id);
	sum->last_id = incident->id;
	sum->n++;
	assert_true(incident->lost.n > 0);
	assert_int_equal(incident_bad(incident, &bad), 0);
	assert_int_equal(rangeset_diff(&bad, &incident->lost, &rest), 0);
	assert_int_equal(rest.n, 0);
	assert_int_equal(bad.n > 0, incident->state == INCIDENT_OPEN);
	if (incident->state == INCIDENT_MERGED)
		assert_true(incident->merged_into > 0 && incident->merged_into < incident->id);
	for (size_t i = 0; alive && i < incident->lost.n; i++) {
		assert_false(rangeset_overlaps(&sum->lost, incident->lost.ranges[i]));
		assert_int_equal(rangeset_add(&sum->lost, incident->lost.ranges[i]), 0);
	}
	sum->alive += alive;
	return 0;
}

static void follow_all(struct store *store, int64_t last)
{
	for (int64_t id = 1; id <= last; id++) {
		CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
		int r = store_incident(store, id, true, &incident, NULL);

		assert_true(r == 0 || r == -ENOENT);
		if (!r)
			assert_int_not_equal(incident.state, INCIDENT_MERGED);
	}
}

static void check(const char *dir, struct expected *e, const struct message *last, bool open)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(rangeset_deinit) struct rangeset declared = RANGESET_NULL, held = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset reported = RANGESET_NULL;
	struct sum sum = {0};
	int64_t row = 0;

	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	assert_int_equal(store_check(store), 0);
	if (store_device_find(store, &device, &row) == -ENOENT) {
		assert_int_equal(e->declared.n + e->reported.n, 0);
		return;
	}
	assert_int_equal(store_declared(store, row, &declared), 0);
	assert_int_equal(store_casebook(store, row, &book), 0);
	assert_int_equal(casebook_source_bad(&book, SOURCE_DECLARED, &held), 0);
	assert_int_equal(casebook_source_bad(&book, SOURCE_BADBLOCKS, &reported), 0);

	/* a declaration and its incident are one */
	assert_true(rangeset_equal(&declared, &held));
	if (open &&
	    (!rangeset_equal(&declared, &e->declared) || !rangeset_equal(&reported, &e->reported)))
		apply(e, last);
	assert_true(rangeset_equal(&declared, &e->declared));
	assert_true(rangeset_equal(&reported, &e->reported));

	assert_int_equal(store_incident_each(store, ~0u, check_incident, &sum), 0);
	assert_int_equal(sum.alive, book.n);
	follow_all(store, sum.last_id);
	rangeset_deinit(&sum.lost);
}

static void test_kill(void **state)
{
	CLEANUP(expected_deinit) struct expected expected = {0};
	uint64_t seed = 20260317;
	unsigned int mid_way = 0;

	for (unsigned int i = 0; i < KILLS; i++) {
		struct timespec wait = {.tv_nsec = 1000 * (long)dice(&seed, 60 * 1000)};
		struct pollfd said;
		struct message last;
		int pipes[2], status;
		bool open;
		pid_t pid;

		assert_int_equal(pipe(pipes), 0);
		pid = fork();
		if (!pid) {
			close(pipes[0]);
			churn(*state, seed, pipes[1]);
		}
		close(pipes[1]);
		fcntl(pipes[0], F_SETPIPE_SZ, 1 << 20);
		/* sometimes in the middle of opening, mostly some way into the work */
		said = (struct pollfd){.fd = pipes[0], .events = POLLIN};
		if (i % 8)
			assert_int_equal(poll(&said, 1, 60 * 1000), 1);
		nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		hear(pipes[0], &expected, &last, &open);
		close(pipes[0]);
		mid_way += open;
		check(*state, &expected, &last, open);
	}
	print_message("%u of %u killed in the middle of something\n", mid_way, KILLS);
	assert_true(mid_way > KILLS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
