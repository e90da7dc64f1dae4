/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop listens (sources), answers signals and the service manager, and
 * touches no device and no database: those are the workers' (passes). So the
 * watchdog is answered whatever hangs below.
 *
 * Stopping: no new passes, the investigator's look is cancelled, both workers
 * come to an end. One that hangs in the kernel cannot be ended by anybody;
 * after a grace time the process leaves without it. That is safe: the store
 * survives a kill at any instant.
 */
#include "manager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "escape.h"
#include "fd.h"
#include "notify.h"
#include "passes.h"
#include "settings_econf.h"

#define SEC UINT64_C(1000000)

#define READY_WAIT (5 * SEC) /* a slow disk must not hold the boot up */
#define STOP_WAIT  (5 * SEC)

static const struct source_ops *const source_kinds[] = {
	&source_badblocks, &source_regions, &source_nfit,  &source_memfail,
	&source_uevent,    &source_mounts,  &source_store, &source_fs,
};

struct manager {
	const struct manager_options *options;
	struct settings settings;
	char *state_dir;
	struct sysroot root;
	struct journal journal;
	int lock; /* of the state directory, -1 */

	sd_event *event;
	struct notify notify;
	struct source_host host;
	void *sources[ARRAY_SIZE(source_kinds)]; /* NULL: could not be had */
	struct recorder recorder;
	struct investigator investigator;
	struct passes *passes;

	bool stopping;
	sd_event_source *grace, *ready_timer;
	int exit_code;
};

/* ---- settings ---- */

static int load_settings(struct manager *manager, struct settings *ret, int priority)
{
	CLEANUP(freep) char *message = NULL;
	CLEANUP(freep) char *text = NULL;
	int r;

	if (manager->options->config)
		r = settings_econf_read_file(manager->options->config, ret, &message);
	else
		r = settings_econf_read(ret, &message);
	if (!r)
		return 0;
	if (message)
		(void)escape_terminal(message, &text);
	journal_say(&manager->journal, priority, JOURNAL_ID_CONFIG, "%s",
		    text ? text : strerror(-r));
	return r;
}

static const char *chosen_state_dir(const struct manager *manager, const struct settings *settings)
{
	if (manager->options->state_dir)
		return manager->options->state_dir;
	return settings->state_dir ? settings->state_dir : STORE_DIR_DEFAULT;
}

static int on_sighup(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	CLEANUP(settings_deinit) struct settings fresh = SETTINGS_NULL;
	struct manager *manager = data;
	struct settings old;

	if (manager->stopping)
		return 0;
	notify_reloading(&manager->notify);
	if (load_settings(manager, &fresh, LOG_ERR)) {
		journal_say(&manager->journal, LOG_ERR, JOURNAL_ID_CONFIG,
			    "The configuration was not changed; put it right and reload again");
	} else {
		if (strcmp(chosen_state_dir(manager, &fresh), manager->state_dir))
			journal_say(
				&manager->journal, LOG_WARNING, JOURNAL_ID_CONFIG,
				"StateDirectory= changes when pmemrasd is restarted, not before");
		old = manager->settings;
		manager->settings = fresh;
		fresh = old;
		journal_say(&manager->journal, LOG_INFO, NULL, "Configuration reloaded");
	}
	notify_ready(&manager->notify);
	passes_look_now(manager->passes, LOOK_DEVICES);
	return 0;
}

/* ---- what the service manager sees ---- */

static void show_status(struct manager *manager, const struct recorder_result *result,
			const struct watch *watch)
{
	const struct notify_facts facts = {
		.counted = result->counted,
		.n_open = result->n_open,
		.n_acked = result->n_acked,
		.n_unlocated = result->n_pending,
		.n_lists = watch_n_lists(watch),
		.n_buses = watch->n_buses,
		.trouble = result->trouble,
		.n_unsaved = result->n_unsaved,
	};
	char text[1024];

	notify_text(&facts, text, sizeof(text));
	notify_status(&manager->notify, text);
}

static int on_ready_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct manager *manager = data;

	if (!manager->stopping)
		notify_ready(&manager->notify);
	return 0;
}

/* ---- passes ---- */

/* The lock could not be had when the state directory was read-only or full; nothing is written
 * without it. */
static int take_lock(struct manager *manager)
{
	struct stat st;
	int pid = 0, r;

	/* one that was deleted locks out nobody */
	if (manager->lock >= 0 && !fstat(manager->lock, &st) && st.st_nlink)
		return 0;
	fd_closep(&manager->lock);
	(void)mkdir(manager->state_dir, 0700);
	r = store_lock_daemon(manager->state_dir, &manager->lock, &pid);
	if (r == -EBUSY)
		journal_say(
			&manager->journal, LOG_ERR, NULL,
			"pmemrasd (pid %d) already runs for %s: stop it first, or give this one "
			"a --state-dir of its own",
			pid, manager->state_dir);
	return r;
}

static void refresh_sources(struct manager *manager)
{
	for (size_t i = 0; i < ARRAY_SIZE(source_kinds); i++) {
		int r;

		if (!manager->sources[i] || !source_kinds[i]->refresh)
			continue;
		r = source_kinds[i]->refresh(manager->sources[i]);
		if (r < 0)
			journal_say(&manager->journal, LOG_ERR, NULL, "Cannot watch %s: %s",
				    source_kinds[i]->name, strerror(-r));
	}
}

static int count_bus(const char *name, void *data)
{
	size_t *n = data;

	*n += !strncmp(name, "ndbus", 5);
	return 0;
}

static void describe_watch(struct manager *manager, struct watch *watch)
{
	watch_deinit(watch);
	for (size_t i = 0; i < ARRAY_SIZE(source_kinds); i++) {
		if (manager->sources[i] && source_kinds[i]->watches)
			(void)source_kinds[i]->watches(manager->sources[i], watch);
	}
	(void)sysroot_each(&manager->root, "/sys/bus/nd/devices", count_bus, &watch->n_buses);
}

static int on_grace(sd_event_source *source, uint64_t usec, void *data)
{
	struct manager *manager = data;

	journal_say(&manager->journal, LOG_WARNING, NULL,
		    "A look at a device or filesystem hangs in the kernel; leaving without it");
	fd_closep(&manager->lock); /* where the kernel keeps the process, its successor may start */
	_exit(manager->exit_code);
}

static void stop(struct manager *manager)
{
	int r;

	if (manager->stopping)
		return;
	manager->stopping = true;
	notify_stopping(&manager->notify);
	passes_stop(manager->passes);
	r = sd_event_add_time_relative(manager->event, &manager->grace, CLOCK_MONOTONIC, STOP_WAIT,
				       0, on_grace, manager);
	if (r < 0) /* no time to wait, then */
		on_grace(NULL, 0, manager);
}

static int prepare_pass(void *data, const struct look *look, struct settings *settings,
			struct watch *watch)
{
	struct manager *manager = data;

	if (take_lock(manager) == -EBUSY) {
		manager->exit_code = MANAGER_EXIT_RUNNING;
		stop(manager);
		return -EBUSY;
	}
	if (look->devices || look->mounts)
		refresh_sources(manager);
	describe_watch(manager, watch);
	return settings_copy(settings, &manager->settings);
}

static void pass_told(void *data, const struct recorder_result *result, const struct watch *watch)
{
	CLEANUP(watch_deinit) struct watch now = WATCH_NULL;
	struct manager *manager = data;

	show_status(manager, result, watch);
	notify_ready(&manager->notify);
	if (result->r || watch->store)
		return;
	/* the pass made the state directory: now it can be watched */
	refresh_sources(manager);
	describe_watch(manager, &now);
	if (now.store)
		passes_look(manager->passes, LOOK_STORE, 0);
}

static void passes_stopped(void *data)
{
	struct manager *manager = data;

	(void)sd_event_exit(manager->event, 0);
}

static void on_look(void *data, enum look_at at, dev_t devno)
{
	struct manager *manager = data;

	passes_look(manager->passes, at, devno);
}

static void on_heard(void *data, const struct media_event *event)
{
	struct manager *manager = data;

	if (passes_heard(manager->passes, event))
		journal_say(
			&manager->journal, LOG_CRIT, JOURNAL_ID_UNSAVED,
			"OUT OF MEMORY: not recorded that \"%s\" reports %llu bytes at %#llx%s%s "
			"bad",
			media_source_token(event->source), (unsigned long long)event->range.len,
			(unsigned long long)event->range.start, *event->name ? " of " : "",
			event->name);
}

static int on_sigterm(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	stop(data);
	return 0;
}

/* ---- life ---- */

static const struct passes_ops passes_ops = {prepare_pass, pass_told, passes_stopped};

static void manager_deinit(struct manager *manager)
{
	for (size_t i = 0; i < ARRAY_SIZE(source_kinds); i++) {
		if (manager->sources[i])
			source_kinds[i]->free(manager->sources[i]);
	}
	sd_event_source_disable_unref(manager->grace);
	sd_event_source_disable_unref(manager->ready_timer);
	passes_freep(&manager->passes);
	recorder_deinit(&manager->recorder);
	notify_deinit(&manager->notify);
	sd_event_unref(manager->event);
	fd_closep(&manager->lock);
	sysroot_deinit(&manager->root);
	free(manager->state_dir);
	settings_deinit(&manager->settings);
}

static int start_sources(struct manager *manager)
{
	manager->host = (struct source_host){
		.event = manager->event,
		.root = &manager->root,
		.settings = &manager->settings,
		.journal = &manager->journal,
		.state_dir = manager->state_dir,
		.look = on_look,
		.heard = on_heard,
		.data = manager,
	};
	for (size_t i = 0; i < ARRAY_SIZE(source_kinds); i++) {
		int r = source_kinds[i]->new (&manager->host, &manager->sources[i]);

		if (r == -ENOMEM)
			return r;
		if (r < 0 && r != -EOPNOTSUPP)
			journal_say(&manager->journal, LOG_ERR, NULL, "Cannot watch %s: %s",
				    source_kinds[i]->name, strerror(-r));
	}
	return 0;
}

static int start_passes(struct manager *manager)
{
	const struct passes_host host = {
		.event = manager->event,
		.ops = &passes_ops,
		.data = manager,
		.recorder = &manager->recorder,
		.investigator = &manager->investigator,
	};

	return passes_new(&host, &manager->passes);
}

static int start_loop(struct manager *manager)
{
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	r = sd_event_new(&manager->event);
	if (r >= 0)
		r = sd_event_add_signal(manager->event, NULL, SIGTERM, on_sigterm, manager);
	if (r >= 0)
		r = sd_event_add_signal(manager->event, NULL, SIGINT, on_sigterm, manager);
	if (r >= 0)
		r = sd_event_add_signal(manager->event, NULL, SIGHUP, on_sighup, manager);
	if (r >= 0)
		r = sd_event_set_watchdog(manager->event, true);
	if (r >= 0)
		r = start_passes(manager);
	if (r >= 0)
		r = start_sources(manager);
	if (r >= 0)
		r = sd_event_add_time_relative(manager->event, &manager->ready_timer,
					       CLOCK_MONOTONIC, READY_WAIT, 0, on_ready_timer,
					       manager);
	return r < 0 ? r : 0;
}

static int run_loop(struct manager *manager)
{
	int r;

	r = start_loop(manager);
	if (!r) {
		passes_look_now(manager->passes, LOOK_DEVICES);
		passes_look(manager->passes, LOOK_MOUNTS, 0);
		passes_look(manager->passes, LOOK_STORE, 0);
		r = sd_event_loop(manager->event);
	}
	if (r < 0) {
		journal_say(&manager->journal, LOG_ERR, NULL, "Cannot go on: %s", strerror(-r));
		return MANAGER_EXIT_FAILURE;
	}
	return manager->exit_code;
}

/* Until nothing is left to look up, or it does not get any less. */
static int run_once(struct manager *manager)
{
	struct look look = {.devices = true, .mounts = true, .store = true};
	CLEANUP(investigator_task_deinit) struct investigator_task task = INVESTIGATOR_TASK_NULL;
	CLEANUP(recorder_result_deinit) struct recorder_result result = RECORDER_RESULT_NULL;
	bool failed = false;

	for (;;) {
		recorder_result_deinit(&result);
		recorder_pass(&manager->recorder, &look, &manager->settings, NULL, &result);
		if (!result.counted || !result.n_pending || failed)
			break;
		investigator_task_deinit(&task);
		task.incidents = steal(result.pending);
		task.n = result.n_pending;
		task.paths = manager->settings.paths;
		task.holders = manager->settings.holders;
		investigator_run(&manager->investigator, &task);
		failed = task.n_failed || !task.n_done;
		look = (struct look){.store = true}; /* what could not be told is not asked again */
	}
	return result.r || failed ? MANAGER_EXIT_FAILURE : MANAGER_EXIT_OK;
}

static int open_machine(struct manager *manager)
{
	int r;

	if (load_settings(manager, &manager->settings, LOG_ERR))
		return MANAGER_EXIT_USAGE;
	manager->state_dir = strdup(chosen_state_dir(manager, &manager->settings));
	if (!manager->state_dir)
		return MANAGER_EXIT_FAILURE;
	r = sysroot_open(&manager->root, manager->options->root);
	if (r) {
		journal_say(&manager->journal, LOG_ERR, NULL, "%s: %s", manager->options->root,
			    strerror(-r));
		return MANAGER_EXIT_USAGE;
	}
	r = take_lock(manager);
	if (r == -EBUSY)
		return MANAGER_EXIT_RUNNING;
	if (r && geteuid() != 0) { /* root goes on: the medium may get well */
		journal_say(&manager->journal, LOG_ERR, NULL,
			    "%s: %s; run pmemrasd as root, or give it a --state-dir of your own",
			    manager->state_dir, store_strerror(r));
		return MANAGER_EXIT_FAILURE;
	}
	return MANAGER_EXIT_OK;
}

int manager_run(const struct manager_options *options)
{
	CLEANUP(manager_deinit)
	struct manager manager = {
		.options = options,
		.settings = SETTINGS_NULL,
		.root = SYSROOT_NULL,
		.journal.foreground = options->foreground,
		.lock = -1,
		.notify = NOTIFY_NULL,
	};
	int r;

	r = open_machine(&manager);
	if (r)
		return r;
	manager.investigator = (struct investigator){
		.root = &manager.root,
		.journal = &manager.journal,
		.state_dir = manager.state_dir,
	};
	r = recorder_init(&manager.recorder, &manager.root, &manager.journal, manager.state_dir);
	if (r)
		return MANAGER_EXIT_FAILURE;
	return options->once ? run_once(&manager) : run_loop(&manager);
}
