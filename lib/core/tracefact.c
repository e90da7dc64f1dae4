/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine check is a fact of its own only when it is uncorrected, about memory
 * or what a cache got from there, and gives an address that is said to be
 * physical, with its granularity: what a bank counts of other things, or where an
 * AMD memory controller counts from its own start, says nothing about a place.
 *
 * A CXL device counts in addresses of its own (dpa). The kernel adds the host's (hpa)
 * where the memory is part of a region, and says all ones elsewhere.
 */
#include "tracefact.h"

#include <errno.h>

#define UNKNOWN UINT64_MAX

#define MCI_VAL   (UINT64_C(1) << 63)
#define MCI_UC    (UINT64_C(1) << 61)
#define MCI_MISCV (UINT64_C(1) << 59)
#define MCI_ADDRV (UINT64_C(1) << 58)

#define MISC_LSB(misc)  ((unsigned int)(misc)&0x3f)
#define MISC_MODE(misc) ((unsigned int)((misc) >> 6) & 7)
#define MODE_PHYSICAL   2
#define LSB_MAX         30

#define CXL_TRACE_CLEAR   2
#define CXL_UNCORRECTABLE 1u
#define CXL_LINE          64u

const char *tracefact_event_name(enum tracefact_event event)
{
	static const char *const names[TRACEFACT_EVENTS] = {
		[TRACEFACT_MEMORY_FAILURE] = "memory_failure_event",
		[TRACEFACT_MCE] = "mce_record",
		[TRACEFACT_CXL_POISON] = "cxl_poison",
		[TRACEFACT_CXL_MEDIA] = "cxl_general_media",
		[TRACEFACT_CXL_DRAM] = "cxl_dram",
	};

	return names[event];
}

static int get(const struct tracefact_fields *fields, const char *name, uint64_t *ret)
{
	return fields->get(fields->data, name, ret) ? -ENODATA : 0;
}

/* Rounded out to sectors; what wraps has no place. */
static void bad(struct tracefact *fact, uint64_t start, uint64_t len)
{
	if (!len || start > UINT64_MAX - len || start + len > UINT64_MAX - SECTOR_SIZE) {
		fact->kind = TRACEFACT_UNPLACED;
		return;
	}
	fact->kind = TRACEFACT_BAD;
	fact->range = range_round_out((struct byte_range){start, len}, SECTOR_SIZE);
}

static int memory_failure(const struct tracefact_fields *fields, uint64_t page,
			  struct tracefact *fact)
{
	uint64_t pfn;
	int r = get(fields, "pfn", &pfn);

	if (r)
		return r;
	if (pfn >= UINT64_MAX / page)
		fact->kind = TRACEFACT_UNPLACED;
	else
		bad(fact, pfn * page, page);
	return 0;
}

/* 000F 0000 1MMM CCCC: memory controller; 000F 0001 RRRR TTLL: cache hierarchy */
static bool about_memory(uint64_t status)
{
	return (status & 0xef80) == 0x0080 || (status & 0xef00) == 0x0100;
}

static int mce(const struct tracefact_fields *fields, struct tracefact *fact)
{
	const uint64_t wanted = MCI_VAL | MCI_UC | MCI_MISCV | MCI_ADDRV;
	uint64_t status, address, misc, len;
	int r;

	r = get(fields, "status", &status);
	if (!r)
		r = get(fields, "addr", &address);
	if (!r)
		r = get(fields, "misc", &misc);
	if (r)
		return r;
	if ((status & wanted) != wanted || !about_memory(status) ||
	    MISC_MODE(misc) != MODE_PHYSICAL || MISC_LSB(misc) > LSB_MAX)
		return 0;
	len = UINT64_C(1) << MISC_LSB(misc);
	bad(fact, address & ~(len - 1), len);
	return 0;
}

static int cxl(enum tracefact_event event, const struct tracefact_fields *fields,
	       struct tracefact *fact)
{
	uint64_t type, descriptor, hpa, len = CXL_LINE;
	int r;

	if (event == TRACEFACT_CXL_POISON) {
		r = get(fields, "trace_type", &type);
		if (!r)
			r = get(fields, "dpa_length", &len);
		if (r || type == CXL_TRACE_CLEAR)
			return r;
	} else {
		r = get(fields, "descriptor", &descriptor);
		if (r || !(descriptor & CXL_UNCORRECTABLE))
			return r;
	}
	if (get(fields, "hpa", &hpa) || hpa == UNKNOWN)
		fact->kind = TRACEFACT_UNPLACED;
	else
		bad(fact, hpa, len);
	return 0;
}

int tracefact_read(enum tracefact_event event, const struct tracefact_fields *fields, uint64_t page,
		   struct tracefact *ret)
{
	struct tracefact fact = {.kind = TRACEFACT_NOTHING};
	int r = -EINVAL;

	switch (event) {
	case TRACEFACT_MEMORY_FAILURE:
		fact.source = SOURCE_MEMORY_FAILURE;
		r = memory_failure(fields, page, &fact);
		break;
	case TRACEFACT_MCE:
		fact.source = SOURCE_MCE;
		r = mce(fields, &fact);
		break;
	case TRACEFACT_CXL_POISON:
	case TRACEFACT_CXL_MEDIA:
	case TRACEFACT_CXL_DRAM:
		fact.source = SOURCE_CXL;
		r = cxl(event, fields, &fact);
		break;
	case TRACEFACT_EVENTS: break;
	}
	if (r)
		return r;
	*ret = fact;
	return 0;
}
