/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that systemctl status shows, and what goes over NOTIFY_SOCKET and how often. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "notify.h"

static void test_text(void **state)
{
	static const struct {
		struct notify_facts facts;
		const char *text;
	} vectors[] = {
		{{.counted = true, .n_buses = 0},
		 "no incidents open; nothing to watch but declared ranges (0 NVDIMM buses, 0 "
		 "badblocks lists)"},
		{{.counted = true, .n_buses = 1},
		 "no incidents open; nothing to watch but declared ranges (1 NVDIMM bus, 0 "
		 "badblocks lists)"},
		{{.counted = true, .n_open = 2, .n_acked = 1, .n_lists = 3, .n_buses = 1},
		 "2 incidents open, 1 acknowledged; watching 3 badblocks lists"},
		{{.counted = true, .n_open = 1, .n_lists = 1},
		 "1 incident open, 0 acknowledged; watching 1 badblocks list"},
		{{.counted = true, .n_acked = 1, .n_lists = 1},
		 "0 incidents open, 1 acknowledged; watching 1 badblocks list"},
		{{.counted = true, .n_open = 4, .n_unlocated = 3, .n_lists = 1},
		 "4 incidents open, 0 acknowledged; looking up 3; watching 1 badblocks list"},
		{{.trouble = "/x: disk full", .n_lists = 2},
		 "NOT RECORDING: /x: disk full; watching 2 badblocks lists"},
		{{.trouble = "/x: disk full", .n_unsaved = 2, .counted = true, .n_lists = 2},
		 "NOT RECORDING: /x: disk full; bad blocks on 2 devices not recorded; no incidents "
		 "open; watching 2 badblocks lists"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		char text[512], small[8];

		UNIT_ROW(vectors, i, vectors[i].text);
		notify_text(&vectors[i].facts, text, sizeof(text));
		assert_string_equal(text, vectors[i].text);
		notify_text(&vectors[i].facts, small, sizeof(small));
		assert_int_equal(strlen(small), sizeof(small) - 1);
	}
}

static void expect(int fd, const char *start)
{
	char text[512];
	ssize_t got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (!start) {
		assert_int_equal(got, -1);
		return;
	}
	assert_true(got > 0);
	text[got] = '\0';
	print_message("%s\n", text);
	assert_int_equal(strncmp(text, start, strlen(start)), 0);
}

static void test_socket(void **state)
{
	CLEANUP(notify_deinit) struct notify notify = NOTIFY_NULL;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/test-notify.XXXXXX";
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);

	notify_status(&notify, "a");
	expect(fd, "STATUS=a");
	notify_status(&notify, "a");
	expect(fd, NULL);
	notify_status(&notify, "b");
	expect(fd, "STATUS=b");
	notify_ready(&notify);
	expect(fd, "READY=1");
	notify_ready(&notify);
	expect(fd, NULL);
	notify_reloading(&notify);
	expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
	notify_ready(&notify);
	expect(fd, "READY=1");
	notify_stopping(&notify);
	expect(fd, "STOPPING=1");

	unsetenv("NOTIFY_SOCKET");
	close(fd);
	unlink(address.sun_path);
	rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
