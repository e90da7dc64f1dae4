/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a store, told beside it: one text for each directory, gone when it is cleared. */
#include "statedir.h"
#include <errno.h>
#include "trouble.h"

static void test_tell(void **state)
{
	CLEANUP(freep) char *text = NULL, *again = NULL, *link_text = NULL, *link = NULL;
	const char *dir = *state;
	int r;

	assert_int_equal(trouble_read(dir, &text), -ENOENT);
	trouble_clear(dir);
	r = trouble_tell(dir, "disk full");
	if (r == -EACCES || r == -EROFS || r == -ENOENT) {
		print_message("/run/pmemras cannot be written: %s\n", strerror(-r));
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(trouble_read(dir, &text), 0);
	assert_string_equal(text, "disk full");
	assert_int_equal(trouble_tell(dir, "read-only"), 0);
	assert_int_equal(trouble_read(dir, &again), 0);
	assert_string_equal(again, "read-only");
	assert_int_equal(trouble_read("/", &link), -ENOENT);

	/* the directory under another name is the same directory */
	assert_true(asprintf(&link, "%s-link", dir) > 0);
	assert_int_equal(symlink(dir, link), 0);
	r = trouble_read(link, &link_text);
	unlink(link);
	trouble_clear(dir);
	assert_int_equal(r, 0);
	assert_string_equal(link_text, "read-only");
	free(text);
	text = NULL;
	assert_int_equal(trouble_read(dir, &text), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tell, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
