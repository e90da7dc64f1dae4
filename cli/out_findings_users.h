/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_FINDINGS_USERS_H
#define PMEMRASCTL_OUT_FINDINGS_USERS_H

/* The section "In use" of a report: processes, what they have of the damage, where they belong. */
#include "findings.h"
#include "hits.h"
#include "section.h"

/* "docker 0123456789ab", escaped */
void out_findings_container(FILE *out, enum cgroup_container kind, const char *container);

/* ", user mysql, mysql.service, docker 0123456789ab": what is known of it, escaped; maybe nothing. */
void out_findings_home(FILE *out, const struct findings *f, uint32_t home);

int out_findings_users(struct section *s, const struct findings *f,
		       const struct hits *hits); /* -ENOMEM */

#endif
