/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lines of the kernel's log are memory failures. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "kmsg.h"

static const struct {
	const char *text;
	int r;
	struct kmsg_failure want;
} records[] = {
	{"3,512,11965759,-;Memory failure: 0x10121a: recovery action for dax page: Recovered\n",
	 0,
	 {0x10121a, 512, 11965759}},
	{"3,1,0,-,caller=T17;Memory failure: 0x1: recovery action for x: Failed\n SUBSYSTEM=x\n",
	 0,
	 {1, 1, 0}},
	{"3,1,0,c;Memory failure: 0xffffffffffffffff: recovery action for y: Ignored\n",
	 0,
	 {UINT64_MAX, 1, 0}},
	{"3,1,0,-;Memory failure: 0x10121a: Sending SIGBUS to cat:17 due to hardware memory "
	 "corruption\n",
	 KMSG_E_OTHER,
	 {0, 0, 0}},
	{"3,1,0,-;Memory failure: 0x10000000000000000: recovery action for y: Ignored\n",
	 KMSG_E_OTHER,
	 {0, 0, 0}},
	{"3,1,0,-;Memory failure: 0x: recovery action for y: Ignored\n", KMSG_E_OTHER, {0, 0, 0}},
	{"3,1,0,-;Memory failure: 0x5", KMSG_E_OTHER, {0, 0, 0}},
	{"11,1,0,-;Memory failure: 0x10121a: recovery action for dax page: Recovered\n",
	 KMSG_E_OTHER,
	 {0, 0, 0}},
	{"6,2,0,-; Memory failure: 0x10121a: recovery action for dax page: Recovered\n",
	 KMSG_E_OTHER,
	 {0, 0, 0}},
	{"6,2,0,-;\n", KMSG_E_OTHER, {0, 0, 0}},
	{"6,2,0,-", -EBADMSG, {0, 0, 0}},
	{"6,2,,-;x", -EBADMSG, {0, 0, 0}},
	{"6,18446744073709551616,0,-;x", -EBADMSG, {0, 0, 0}},
	{"", -EBADMSG, {0, 0, 0}},
	{"<3>Memory failure: 0x10121a: recovery action for dax page: Recovered",
	 -EBADMSG,
	 {0, 0, 0}},
};

static void test_records(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		const struct kmsg_failure untouched = {7, 7, 7};
		struct kmsg_failure got = untouched;

		UNIT_ROW(records, i, records[i].text);
		assert_int_equal(
			kmsg_memory_failure(records[i].text, strlen(records[i].text), &got),
			records[i].r);
		assert_memory_equal(&got, records[i].r ? &untouched : &records[i].want,
				    sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_records)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
