/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What events of the kernel mean, whichever fields they have. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "tracefact.h"

#define PAGE 4096
#define ALL  UINT64_MAX

#define NOTHING  TRACEFACT_NOTHING
#define BAD      TRACEFACT_BAD
#define UNPLACED TRACEFACT_UNPLACED

/* an uncorrected error in memory, with address and its granularity */
#define SRAO UINT64_C(0xbd000000000000c0)
#define SRAR UINT64_C(0xbd80000000000134)

struct field {
	const char *name;
	uint64_t value;
};

static const struct {
	const char *what;
	enum tracefact_event event;
	struct field fields[6];
	int r;
	enum tracefact_kind kind;
	struct byte_range range;
} events[] = {
	{"a page", TRACEFACT_MEMORY_FAILURE, {{"pfn", 0x10121a}}, 0, BAD, {0x10121a000, PAGE}},
	{"no such page", TRACEFACT_MEMORY_FAILURE, {{"pfn", ALL}}, 0, UNPLACED, {0, 0}},
	{"no pfn", TRACEFACT_MEMORY_FAILURE, {{"page", 1}}, -ENODATA, NOTHING, {0, 0}},

	{"found by a scrub, a page",
	 TRACEFACT_MCE,
	 {{"status", SRAO}, {"addr", 0x101201234}, {"misc", 0x8c}},
	 0,
	 BAD,
	 {0x101201000, 4096}},
	{"read by a program, a line",
	 TRACEFACT_MCE,
	 {{"status", SRAR}, {"addr", 0x1012016c0}, {"misc", 0x86}},
	 0,
	 BAD,
	 {0x101201600, 512}},
	{"2 MiB",
	 TRACEFACT_MCE,
	 {{"status", SRAO}, {"addr", 0x101201234}, {"misc", 0x95}},
	 0,
	 BAD,
	 {0x101200000, 2 << 20}},
	{"corrected",
	 TRACEFACT_MCE,
	 {{"status", SRAO & ~(UINT64_C(1) << 61)}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"not valid",
	 TRACEFACT_MCE,
	 {{"status", SRAO & ~(UINT64_C(1) << 63)}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"no address",
	 TRACEFACT_MCE,
	 {{"status", SRAO & ~(UINT64_C(1) << 58)}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"no granularity",
	 TRACEFACT_MCE,
	 {{"status", SRAO & ~(UINT64_C(1) << 59)}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"a linear address",
	 TRACEFACT_MCE,
	 {{"status", SRAO}, {"addr", 4096}, {"misc", 0x4c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"all of memory",
	 TRACEFACT_MCE,
	 {{"status", SRAO}, {"addr", 4096}, {"misc", 0xbf}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"of a bus",
	 TRACEFACT_MCE,
	 {{"status", (SRAO & ~UINT64_C(0xffff)) | 0x0e0b}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"of a TLB",
	 TRACEFACT_MCE,
	 {{"status", (SRAO & ~UINT64_C(0xffff)) | 0x0010}, {"addr", 4096}, {"misc", 0x8c}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"at the end of the address space",
	 TRACEFACT_MCE,
	 {{"status", SRAO}, {"addr", ALL}, {"misc", 0x8c}},
	 0,
	 UNPLACED,
	 {0, 0}},
	{"no misc", TRACEFACT_MCE, {{"status", SRAO}, {"addr", 4096}}, -ENODATA, NOTHING, {0, 0}},

	{"listed poison",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 0}, {"hpa", 0x200000040}, {"dpa", 64}, {"dpa_length", 64}},
	 0,
	 BAD,
	 {0x200000000, 512}},
	{"injected poison over sectors",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 1}, {"hpa", 0x2000001c0}, {"dpa", 64}, {"dpa_length", 128}},
	 0,
	 BAD,
	 {0x200000000, 1024}},
	{"cleared poison",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 2}, {"hpa", 0x200000040}, {"dpa", 64}, {"dpa_length", 64}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"poison in no region",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 0}, {"hpa", ALL}, {"dpa", 64}, {"dpa_length", 64}},
	 0,
	 UNPLACED,
	 {0, 0}},
	{"poison of a kernel without hpa",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 0}, {"dpa", 64}, {"dpa_length", 64}},
	 0,
	 UNPLACED,
	 {0, 0}},
	{"poison of no length",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 0}, {"hpa", 64}, {"dpa_length", 0}},
	 0,
	 UNPLACED,
	 {0, 0}},
	{"poison without length",
	 TRACEFACT_CXL_POISON,
	 {{"trace_type", 0}, {"hpa", 64}},
	 -ENODATA,
	 NOTHING,
	 {0, 0}},
	{"an uncorrectable media error",
	 TRACEFACT_CXL_MEDIA,
	 {{"descriptor", 1}, {"hpa", 0x200000fc0}},
	 0,
	 BAD,
	 {0x200000e00, 512}},
	{"a corrected one",
	 TRACEFACT_CXL_MEDIA,
	 {{"descriptor", 2}, {"hpa", 0x200000fc0}},
	 0,
	 NOTHING,
	 {0, 0}},
	{"of DRAM", TRACEFACT_CXL_DRAM, {{"descriptor", 3}, {"hpa", ALL}}, 0, UNPLACED, {0, 0}},
	{"without descriptor", TRACEFACT_CXL_DRAM, {{"hpa", 0}}, -ENODATA, NOTHING, {0, 0}},
};

static const enum media_source sources[TRACEFACT_EVENTS] = {
	[TRACEFACT_MEMORY_FAILURE] = SOURCE_MEMORY_FAILURE,
	[TRACEFACT_MCE] = SOURCE_MCE,
	[TRACEFACT_CXL_POISON] = SOURCE_CXL,
	[TRACEFACT_CXL_MEDIA] = SOURCE_CXL,
	[TRACEFACT_CXL_DRAM] = SOURCE_CXL,
};

static int get(void *data, const char *name, uint64_t *ret)
{
	const struct field *fields = data;

	for (size_t i = 0; i < 6 && fields[i].name; i++) {
		if (strcmp(fields[i].name, name))
			continue;
		*ret = fields[i].value;
		return 0;
	}
	return -ENODATA;
}

static void meaning(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const struct tracefact_fields fields = {get, (void *)events[i].fields};
		struct tracefact fact = {.source = SOURCE_N};

		UNIT_ROW(events, i, events[i].what);
		assert_int_equal(tracefact_read(events[i].event, &fields, PAGE, &fact),
				 events[i].r);
		if (events[i].r) {
			assert_int_equal(fact.source, SOURCE_N);
			continue;
		}
		assert_int_equal(fact.kind, events[i].kind);
		assert_int_equal(fact.source, sources[events[i].event]);
		assert_int_equal(fact.range.start, events[i].range.start);
		assert_int_equal(fact.range.len, events[i].range.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
