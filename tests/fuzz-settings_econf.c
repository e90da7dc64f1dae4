/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files as libeconf reads them. Every refusal comes with one line
 * that names the file, and changes nothing; the same file twice says the same.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"
#include "settings_econf.h"

static void closep(int *fd)
{
	close(*fd);
}

static bool same(const struct settings *a, const struct settings *b)
{
	if (a->paths != b->paths || a->holders != b->holders || a->n_ignore != b->n_ignore)
		return false;
	if (!a->state_dir != !b->state_dir || (a->state_dir && strcmp(a->state_dir, b->state_dir)))
		return false;
	for (size_t i = 0; i < a->n_ignore; i++) {
		if (strcmp(a->ignore[i], b->ignore[i]))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(settings_deinit) struct settings first = SETTINGS_NULL, second = SETTINGS_NULL;
	CLEANUP(closep) int fd = memfd_create("fuzz-settings", MFD_CLOEXEC);
	CLEANUP(freep) char *message = NULL, *message_again = NULL;
	char path[64];
	int r;

	fuzz_require(fd >= 0);
	if (size)
		fuzz_require(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	first.paths = false; /* what a refusal must leave alone */
	r = settings_econf_read_file(path, &first, &message);
	fuzz_require(r == settings_econf_read_file(path, &second, &message_again));
	fuzz_require(r == 0 || r == -EBADMSG);
	if (r) {
		fuzz_require(message && *message && message_again);
		fuzz_require(!strcmp(message, message_again));
		fuzz_require(!first.paths && !first.state_dir && !first.n_ignore);
		return 0;
	}
	fuzz_require(!message && same(&first, &second));
	fuzz_require(!first.state_dir || first.state_dir[0] == '/');
	return 0;
}
