/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CGROUP_H
#define PMEMRAS_CGROUP_H

/*
 * What /proc/PID/cgroup (cgroups(7)) tells of a process: its systemd unit and slice, and
 * the container it is in. Both are conventions about names of groups: systemd's in
 * "Control Group APIs and Delegation", those of container managers in what they make.
 */
#include <stddef.h>

#define CGROUP_NAME_MAX 256 /* bytes of one name, NUL included: NAME_MAX + 1 */

enum cgroup_container {
	CGROUP_NO_CONTAINER,
	CGROUP_DOCKER,
	CGROUP_PODMAN,
	CGROUP_CONTAINERD, /* its CRI plugin, nerdctl */
	CGROUP_CRIO,
	CGROUP_KUBERNETES, /* a pod's, by which runtime the group does not tell */
	CGROUP_LXC,
	CGROUP_NSPAWN,
	CGROUP_MACHINE, /* registered with systemd-machined */
	CGROUP_CONTAINER_N,
};

/* Empty where there is none, or it is not known. */
struct cgroup_place {
	char unit[CGROUP_NAME_MAX]; /* "mysql.service", "session-2.scope", "user@1000.service" */
	char user_unit[CGROUP_NAME_MAX]; /* of the user's own manager, below user@UID.service */
	char slice[CGROUP_NAME_MAX];     /* that the unit is in: "system.slice", "-.slice" */
	char container[CGROUP_NAME_MAX]; /* id or name, as its manager calls it */
	enum cgroup_container kind;
};

/* "docker"; never NULL, "" for none. -1 where @token names none, NULL included. */
const char *cgroup_container_token(enum cgroup_container kind);
int cgroup_container_from_token(const char *token);

/**
 * cgroup_parse() - where a process belongs
 * @text: of /proc/PID/cgroup, any bytes; need not end in NUL
 *
 * The unit is told by systemd's hierarchy ("name=systemd"), or the unified one where that has none.
 * Of containers in each other the outermost is told: that one the machine knows. The helper
 * process that watches a container (conmon, lxc.monitor) is in none.
 */
void cgroup_parse(const char *text, size_t len, struct cgroup_place *ret);

#endif
