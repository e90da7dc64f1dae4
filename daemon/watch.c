/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Honesty about coverage: a monitor that is silent because it cannot hear must
 * not look like one that is silent because all is well. So each device is
 * listed with what is *not* listened to as well, and with the reason.
 */
#include "watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "record.h"

void watch_deinit(struct watch *watch)
{
	free(watch->devices);
	free(watch->filesystems);
	*watch = WATCH_NULL;
}

int watch_copy(struct watch *watch, const struct watch *from)
{
	struct watch_filesystem *filesystems = NULL;
	struct watch_device *devices = NULL;

	if (from->n) {
		devices = malloc(from->n * sizeof(*devices));
		if (!devices)
			return -ENOMEM;
		memcpy(devices, from->devices, from->n * sizeof(*devices));
	}
	if (from->n_filesystems) {
		filesystems = malloc(from->n_filesystems * sizeof(*filesystems));
		if (!filesystems) {
			free(devices);
			return -ENOMEM;
		}
		memcpy(filesystems, from->filesystems, from->n_filesystems * sizeof(*filesystems));
	}
	watch_deinit(watch);
	*watch = *from;
	watch->devices = devices;
	watch->filesystems = filesystems;
	watch->allocated = from->n;
	return 0;
}

int watch_device(struct watch *watch, const char *name, struct watch_device **ret)
{
	struct watch_device *more;
	size_t at = 0;

	while (at < watch->n && strcmp(watch->devices[at].name, name) < 0)
		at++;
	if (at < watch->n && !strcmp(watch->devices[at].name, name)) {
		*ret = &watch->devices[at];
		return 0;
	}
	if (watch->n == watch->allocated) {
		size_t allocated = watch->allocated ? 2 * watch->allocated : 8;

		more = realloc(watch->devices, allocated * sizeof(*more));
		if (!more)
			return -ENOMEM;
		watch->devices = more;
		watch->allocated = allocated;
	}
	more = watch->devices + at;
	memmove(more + 1, more, (watch->n - at) * sizeof(*more));
	watch->n++;
	*more = (struct watch_device){.list = WATCH_NO};
	snprintf(more->name, sizeof(more->name), "%s", name);
	*ret = more;
	return 0;
}

int watch_filesystem(struct watch *watch, dev_t devno, enum watch_fs how, const char *why)
{
	struct watch_filesystem *more;

	more = reallocarray(watch->filesystems, watch->n_filesystems + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	watch->filesystems = more;
	more[watch->n_filesystems++] = (struct watch_filesystem){devno, how, why};
	return 0;
}

void watch_layer(struct watch_device *device, const char *users)
{
	size_t max = sizeof(device->layer) - 1;
	size_t len = users ? strlen(users) : 0;

	if (len > max) { /* whole names only */
		for (len = max - strlen(" …"); len && users[len] != ',';)
			len--;
		snprintf(device->layer, sizeof(device->layer), "%.*s …", (int)len, users);
		return;
	}
	snprintf(device->layer, sizeof(device->layer), "%s", users ? users : "");
}

static const struct watch_filesystem *find_filesystem(const struct watch *watch, dev_t devno)
{
	for (size_t i = 0; devno && i < watch->n_filesystems; i++) {
		if (watch->filesystems[i].devno == devno)
			return &watch->filesystems[i];
	}
	return NULL;
}

size_t watch_n_lists(const struct watch *watch)
{
	size_t n = 0;

	for (size_t i = 0; i < watch->n; i++)
		n += watch->devices[i].list == WATCH_YES;
	return n;
}

static const struct {
	const char *token, *note;
} lists[] = {
	[WATCH_NO] = {"no", "The kernel keeps no badblocks list for this device: only declared "
			    "ranges are known."},
	[WATCH_YES] = {"yes", NULL},
	[WATCH_UNREADABLE] = {"unreadable", "The badblocks list cannot be read; the journal of "
					    "pmemrasd says why."},
	[WATCH_IGNORED] = {"ignored", "Ignored by the configuration ([watch] Ignore=)."},
	[WATCH_GONE] = {"gone", "The device is absent: its incidents stay open."},
};

static const char *const memfail_tokens[] = {
	[WATCH_MEMFAIL_NO] = "no",
	[WATCH_MEMFAIL_TRACE] = "tracepoint",
	[WATCH_MEMFAIL_LOG] = "kernel-log",
};

static const char *const filesystem_tokens[] = {
	[WATCH_FS_NO] = "no",
	[WATCH_FS_FANOTIFY] = "fanotify",
	[WATCH_FS_MONITOR] = "health-monitor",
};

static int add_string(struct json_object *to, const char *key, const char *text)
{
	CLEANUP(freep) char *valid = NULL;
	struct json_object *string;
	int r;

	r = utf8_replace(text, strlen(text), &valid);
	if (r)
		return r;
	string = json_object_new_string(valid);
	if (!string)
		return -ENOMEM;
	if (key ? json_object_object_add(to, key, string) : json_object_array_add(to, string)) {
		json_object_put(string);
		return -ENOMEM;
	}
	return 0;
}

/* takes @value over, NULL is out of memory */
static int add(struct json_object *to, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (key ? json_object_object_add(to, key, value) : json_object_array_add(to, value)) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

/* Names that only libnvdimm and device dax give. */
static bool is_pmem(const struct watch_device *device)
{
	static const char *const prefixes[] = {"pmem", "dax", "namespace", "region"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(device->name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static int add_memfail_note(struct json_object *notes, const struct watch *watch)
{
	const char *const *why = watch->memory_failure_why;
	char text[256];

	if (watch->memory_failure == WATCH_MEMFAIL_LOG)
		snprintf(text, sizeof(text), "Memory failures are heard from the kernel's log: %s.",
			 why[0]);
	else
		snprintf(text, sizeof(text), "Memory failures are not heard: %s%s%s.", why[0],
			 why[1] ? ", " : "", why[1] ? why[1] : "");
	return add_string(notes, NULL, text);
}

static int add_filesystem_note(struct json_object *notes, const struct watch_filesystem *filesystem)
{
	char text[256];

	if (filesystem->how == WATCH_FS_FANOTIFY)
		snprintf(text, sizeof(text), "The filesystem is heard by fanotify: %s.",
			 filesystem->why);
	else
		snprintf(text, sizeof(text), "The filesystem's own reports are not heard: %s.",
			 filesystem->why);
	return add_string(notes, NULL, text);
}

static int add_layer_note(struct json_object *notes, const char *layer)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "A filesystem on %s is not listened to, and through device-mapper the kernel "
		 "tells it "
		 "nothing of lost memory.",
		 layer);
	return add_string(notes, NULL, text);
}

static int add_device(struct json_object *array, const struct watch *watch,
		      const struct watch_device *device, const struct mounts *mounts)
{
	const struct watch_filesystem *filesystem = find_filesystem(watch, device->devno);
	const struct mount *mount = device->devno ? mounts_find(mounts, device->devno) : NULL;
	struct json_object *object = json_object_new_object(), *notes;
	int r;

	r = add(array, NULL, object);
	if (!r)
		r = add_string(object, "device", device->name);
	if (!r && mount)
		r = add_string(object, "fs_type", mount->fs_type);
	if (!r && mount)
		r = add_string(object, "mountpoint", mount->target);
	if (!r)
		r = add_string(object, "badblocks", lists[device->list].token);
	if (!r)
		r = add_string(object, "memory_failure",
			       watch->memory_failure && is_pmem(device) ? "yes" : "no");
	if (!r)
		r = add_string(object, "filesystem",
			       filesystem ? filesystem_tokens[filesystem->how] : "no");
	if (r)
		return r;
	notes = json_object_new_array();
	r = add(object, "notes", notes);
	if (!r && lists[device->list].note)
		r = add_string(notes, NULL, lists[device->list].note);
	if (!r && is_pmem(device) && watch->memory_failure_why[0])
		r = add_memfail_note(notes, watch);
	if (!r && filesystem && filesystem->why)
		r = add_filesystem_note(notes, filesystem);
	if (!r && is_pmem(device) && *device->layer)
		r = add_layer_note(notes, device->layer);
	return r;
}

static int add_dimm(struct json_object *array, const struct dimm *dimm)
{
	struct json_object *object = json_object_new_object();
	int r;

	r = add(array, NULL, object);
	if (!r)
		r = add_string(object, "dev", dimm->name);
	if (!r)
		r = add_string(object, "health", dimm_state_token(dimm_state(dimm)));
	if (!r && *dimm->flags)
		r = add_string(object, "flags", dimm->flags);
	if (r || !dimm->smart)
		return r;
	if (dimm->spares >= 0)
		r = add(object, "spares_percentage", json_object_new_int(dimm->spares));
	if (!r && dimm->life_used >= 0)
		r = add(object, "life_used_percentage", json_object_new_int(dimm->life_used));
	if (!r && dimm->has_temperature)
		r = add(object, "temperature_celsius",
			json_object_new_double(dimm->temperature_mc / 1000.0));
	if (!r && dimm->alarm)
		r = add(object, "alarm", json_object_new_boolean(true));
	if (!r && dimm->unsafe_shutdown)
		r = add(object, "unsafe_shutdown", json_object_new_boolean(true));
	return r;
}

static int add_dimms(struct json_object *object, const struct watch *watch)
{
	struct json_object *array;
	int r;

	if (!watch->n_dimms)
		return 0;
	array = json_object_new_array();
	r = add(object, "dimms", array);
	for (size_t i = 0; !r && i < watch->n_dimms; i++)
		r = add_dimm(array, &watch->dimms[i]);
	return r;
}

/* Those that are not well. */
static int add_dimm_notes(struct json_object *notes, const struct watch *watch)
{
	char text[256], note[320];
	int r = 0;

	for (size_t i = 0; !r && i < watch->n_dimms; i++) {
		if (!dimm_is_news(NULL, &watch->dimms[i]))
			continue;
		dimm_describe(&watch->dimms[i], text, sizeof(text));
		snprintf(note, sizeof(note), "DIMM %s: %s.", watch->dimms[i].name, text);
		r = add_string(notes, NULL, note);
	}
	return r;
}

static int add_notes(struct json_object *notes, const struct watch *watch)
{
	char text[160];

	if (!watch->unwitnessed)
		return 0;
	snprintf(text, sizeof(text),
		 "%llu KiB of poison that pmemrasd did not witness (HardwareCorrupted in "
		 "/proc/meminfo); may be ordinary memory.",
		 (unsigned long long)watch->unwitnessed / 1024);
	return add_string(notes, NULL, text);
}

int watch_to_json(const struct watch *watch, const struct mounts *mounts, char **ret)
{
	CLEANUP(record_freep) struct json_object *object = json_object_new_object();
	struct json_object *array, *notes;
	const char *text;
	char *copy;
	int r;

	if (!object)
		return -ENOMEM;
	r = add(object, "schema", json_object_new_int(WATCH_SCHEMA));
	if (!r)
		r = add(object, "n_buses", json_object_new_int64((int64_t)watch->n_buses));
	if (!r)
		r = add(object, "n_lists", json_object_new_int64((int64_t)watch_n_lists(watch)));
	if (!r)
		r = add_string(object, "uevents", watch->uevents ? watch->uevents : "no");
	if (!r)
		r = add(object, "mounts", json_object_new_boolean(watch->mounts));
	if (!r)
		r = add(object, "store", json_object_new_boolean(watch->store));
	if (r)
		return r;
	r = add_string(object, "memory_failure", memfail_tokens[watch->memory_failure]);
	if (r)
		return r;
	r = add(object, "machine_check", json_object_new_boolean(watch->machine_check));
	if (!r)
		r = add(object, "cxl", json_object_new_boolean(watch->cxl));
	if (!r)
		r = add_dimms(object, watch);
	if (r)
		return r;
	notes = json_object_new_array();
	r = add(object, "notes", notes);
	if (!r)
		r = add_dimm_notes(notes, watch);
	if (!r)
		r = add_notes(notes, watch);
	if (r)
		return r;
	array = json_object_new_array();
	r = add(object, "devices", array);
	for (size_t i = 0; !r && i < watch->n; i++)
		r = add_device(array, watch, &watch->devices[i], mounts);
	if (r)
		return r;

	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}
