/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_OUT_FINDINGS_H
#define PMEMRASCTL_OUT_FINDINGS_H

/*
 * Findings as a report for people, the same for `locate` and `show`: what is
 * lost, what is not, what nobody knows, who is hit, what to be careful of.
 */
#include "ctl.h"
#include "findings.h"
#include "section.h"

/* "pmem0, byte 1048712192 (sector 2048266+1)", one line a range, the first few of many; with the
 * physical address where @place (may be NULL) tells. */
void out_findings_where(struct section *s, const char *device, const struct rangeset *ranges,
			const struct place *place);
/* "namespace0.0, region0, DIMM nmem0"; nothing of NULL */
void out_findings_place(struct section *s, const struct place *place);
/* "xfs on /srv/db"; nothing where the filesystem is not known */
void out_findings_filesystem(struct section *s, const struct findings *f);

/*
 * The sections Lost, Not lost, At risk, Unknown, In use. @f sorted. @reasons: of the findings and of
 * whoever has them. 0, -ENOMEM.
 */
int out_findings_body(struct section *s, const struct findings *f,
		      const struct findings_summary *summary, uint32_t reasons);
/* The section Careful: what not to do while nobody has repaired it. 0, -ENOMEM. */
int out_findings_careful(struct section *s, const struct findings *f,
			 const struct findings_summary *summary);

/* What cannot be told and why, with the remedies; @detail may be NULL. */
void out_findings_reasons(struct section *s, uint32_t reasons, const char *detail);

/* Who asks: what can be typed next depends on it. */
struct out_findings_case {
	const struct ctl *ctl;
	const char *device;
	int64_t incident;             /* 0: on no record */
	bool acked, over, absent;     /* acknowledged; repaired; its device is not there */
	bool replaced;                /* files have good pages by now, whatever the block is like */
	const struct rangeset *asked; /* what would be declared */
	const struct rangeset *declared; /* what could be retracted; NULL none */
};

/* The section Next: commands to type. @f NULL: nobody has looked. 0, -ENOMEM. */
int out_findings_next(struct section *s, const struct findings *f,
		      const struct findings_summary *summary,
		      const struct out_findings_case *about);

#endif
