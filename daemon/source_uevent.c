/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that come, go or change, from libudev. Where udevd runs its own
 * events are used: they come when the links and properties of a device are
 * in place. Elsewhere (containers, an early boot) the kernel's, which come
 * too early for that but in time for sysfs.
 *
 * A badblocks file of a namespace that was disabled answers ENODEV for ever;
 * the block device's "add" event is what tells to open the new one.
 */
#include "source.h"

#include <errno.h>
#include <libudev.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

struct source_uevent {
	const struct source_host *host;
	struct udev *udev;
	struct udev_monitor *monitor;
	sd_event_source *io;
	const char *kind; /* "udev" or "kernel" */
};

static void uevent_free(void *data)
{
	struct source_uevent *source = data;

	if (!source)
		return;
	sd_event_source_disable_unref(source->io);
	udev_monitor_unref(source->monitor);
	udev_unref(source->udev);
	free(source);
}

static void uevent_freep(struct source_uevent **source)
{
	uevent_free(*source);
}

static void device_unrefp(struct udev_device **device)
{
	udev_device_unref(*device);
}

/* A medium that was taken out, or a loop device whose file was: the device stays, but it is gone. */
static bool is_empty(struct udev_device *device)
{
	const char *size = udev_device_get_sysattr_value(device, "size");

	return size && !strcmp(size, "0");
}

static void take(struct source_uevent *source, struct udev_device *device)
{
	const char *action = udev_device_get_action(device);
	const char *subsystem = udev_device_get_subsystem(device);
	const char *name = udev_device_get_sysname(device);
	bool block = subsystem && !strcmp(subsystem, "block");
	enum look_at at = LOOK_DEVICES;

	if (block && name && settings_ignores(source->host->settings, name))
		return;
	if (block && action && !strcmp(action, "change") && !is_empty(device))
		at = LOOK_DEVICE;
	source->host->look(source->host->data, at,
			   at == LOOK_DEVICE ? udev_device_get_devnum(device) : 0);
}

static int on_monitor(sd_event_source *io, int fd, uint32_t revents, void *data)
{
	struct source_uevent *source = data;

	for (;;) {
		CLEANUP(device_unrefp) struct udev_device *device = NULL;

		errno = 0;
		device = udev_monitor_receive_device(source->monitor);
		if (!device) {
			if (errno == ENOBUFS) /* some were lost: any could have been */
				source->host->look(source->host->data, LOOK_DEVICES, 0);
			return 0;
		}
		take(source, device);
	}
}

static int uevent_new(const struct source_host *host, void **ret)
{
	static const char *const subsystems[] = {"block", "nd", "dax", "cxl"};
	CLEANUP(uevent_freep) struct source_uevent *source = NULL;
	int r;

	if (!host->root->live) /* a recorded machine does not change by itself */
		return -EOPNOTSUPP;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->host = host;
	source->kind = access("/run/udev/control", F_OK) == 0 ? "udev" : "kernel";
	source->udev = udev_new();
	if (!source->udev)
		return -ENOMEM;
	source->monitor = udev_monitor_new_from_netlink(source->udev, source->kind);
	if (!source->monitor)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(subsystems); i++) {
		r = udev_monitor_filter_add_match_subsystem_devtype(source->monitor, subsystems[i],
								    NULL);
		if (r < 0)
			return r;
	}
	r = udev_monitor_enable_receiving(source->monitor);
	if (r < 0)
		return r;
	r = sd_event_add_io(host->event, &source->io, udev_monitor_get_fd(source->monitor), EPOLLIN,
			    on_monitor, source);
	if (r < 0)
		return r;
	*ret = steal(source);
	return 0;
}

static int uevent_watches(const void *data, struct watch *watch)
{
	const struct source_uevent *source = data;

	watch->uevents = source->kind;
	return 0;
}

const struct source_ops source_uevent = {
	.name = "device events",
	.new = uevent_new,
	.free = uevent_free,
	.watches = uevent_watches,
};
