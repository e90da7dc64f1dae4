/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The quarantine file has the bad block too by now, so nobody can write to it in place: whoever
 * writes there gets a new block (copy on write). So a file that still has the bad block has not been
 * rewritten there, and one that has another must not be touched. Between looking and cloning,
 * which is unconditional, nobody else may have the file open or mapped: a write lease sees to that.
 *
 * The file's times and capabilities are not what the repair is about, so they are put back. Only a kill
 * between the clone and that leaves the time of the repair in the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_lease.h"
#include "repair_replace.h"

#define LEASE_TRIES 5
#define CAPABILITY  "security.capability"

struct owner {
	struct repair_work *w;
	const struct job_step *step;
	struct fs_block block;
	struct fs_lease lease;
	bool gone; /* there is no such file any more */
};

static void owner_deinit(struct owner *owner)
{
	fs_lease_drop(&owner->lease);
	fd_closep(&owner->block.fd);
}

static const char *name_of(const struct job_step *step)
{
	return step->path ? step->path : "a file without a name";
}

static int take_lease(struct owner *owner)
{
	static const struct timespec moment = {0, 50 * 1000 * 1000};
	int r = -EAGAIN;

	/* who has just closed it, or looks at all files, is gone in a moment */
	for (int i = 0; i < LEASE_TRIES && r == -EAGAIN; i++) {
		if (i)
			nanosleep(&moment, NULL);
		r = fs_lease_take(owner->block.fd, &owner->lease);
	}
	if (!r || owner->w->options->force)
		return 0;
	if (r == -EAGAIN)
		return repair_refuse(owner->w, "somebody has it open or mapped: %s",
				     name_of(owner->step));
	return repair_failed(owner->w, name_of(owner->step), r);
}

/* Open, and nobody else has it so; all that was written to it is on the medium. */
static int owner_open(struct owner *owner)
{
	const struct job_step *step = owner->step;
	int r;

	r = fs_file_open(owner->w->fs, step->ino, step->gen, O_RDWR | O_NOATIME, &owner->block.fd);
	if (r == -ESTALE) {
		owner->gone = true;
		return 0;
	}
	if (r)
		return repair_failed(owner->w, name_of(step), r);
	/* the bulk of it first, so that the lease is held for a moment only */
	if (fsync(owner->block.fd))
		return repair_failed(owner->w, name_of(step), -errno);
	r = take_lease(owner);
	if (!r && fsync(owner->block.fd))
		r = repair_failed(owner->w, name_of(step), -errno);
	return r;
}

/* @ret: the page has to be replaced; @ret_note: otherwise why not, NULL: it has @good's block */
static int look(struct owner *owner, const struct fs_block *good, bool *ret, const char **ret_note)
{
	const struct job_step *step = owner->step;
	uint64_t at = 0, good_at = 0, left;
	struct plan_inode now;
	int r;

	*ret = false;
	*ret_note = owner->gone ? "the file is gone" : NULL;
	if (owner->gone)
		return 0;
	r = fs_file_look(owner->block.fd, &now);
	if (!r)
		r = fs_block_where(owner->block, &at);
	if (!r && good)
		r = fs_block_where(*good, &good_at);
	if (r && r != -ENODATA)
		return repair_failed(owner->w, name_of(step), r);
	if (!r && good && at == good_at)
		return 0;
	if (r || at != step->page) {
		*ret_note = "the file was written to there meanwhile";
		return 0;
	}
	left = now.size > step->offset ? now.size - step->offset : 0;
	if ((left < PAGE_BYTES ? left : PAGE_BYTES) != step->len)
		return repair_refuse(owner->w, "its end has moved since the plan: %s",
				     name_of(step));
	*ret = true;
	return 0;
}

static int clone(struct owner *owner, struct fs_block good)
{
	char capability[64];
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(owner->block.fd, &st))
		return -errno;
	n = fgetxattr(owner->block.fd, CAPABILITY, capability, sizeof(capability));
	if (n < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return -errno;
	if (!owner->w->options->force && !fs_lease_is_whole(&owner->lease))
		return -EAGAIN;
	r = fs_block_clone(good, owner->block);
	if (r)
		return r;
	if (n > 0)
		fsetxattr(owner->block.fd, CAPABILITY, capability, (size_t)n, 0);
	fchmod(owner->block.fd, st.st_mode & 07777);
	futimens(owner->block.fd, (struct timespec[2]){st.st_atim, st.st_mtim});
	return fsync(owner->block.fd) ? -errno : 0;
}

static struct owner owner_of(struct repair_work *w, size_t index)
{
	const struct job_step *step = repair_step(w, index);

	return (struct owner){.w = w,
			      .step = step,
			      .block = {-1, step->offset, step->len},
			      .lease = FS_LEASE_NULL};
}

int repair_replace_probe(struct repair_work *w, size_t index)
{
	CLEANUP(owner_deinit) struct owner owner = owner_of(w, index);
	const char *note;
	bool needed;
	int r = owner_open(&owner);

	return r ? r : look(&owner, NULL, &needed, &note);
}

int repair_replace(struct repair_work *w, size_t index, struct fs_block good)
{
	CLEANUP(owner_deinit) struct owner owner = owner_of(w, index);
	const char *note = NULL;
	bool needed;
	int r;

	if (owner.step->state == JOB_STEP_DONE)
		return 0;
	r = owner_open(&owner);
	if (!r)
		r = look(&owner, &good, &needed, &note);
	if (!r && needed) {
		r = repair_step_begun(w, index);
		if (!r)
			r = clone(&owner, good);
		if (r)
			return repair_failed(w, name_of(owner.step), r);
		r = look(&owner, &good, &needed, &note);
		if (!r && (needed || note))
			r = repair_refuse(w, "the good page did not get into its place: %s",
					  name_of(owner.step));
	}
	return r ? r : repair_step_done(w, index, note);
}
