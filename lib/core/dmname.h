/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DMNAME_H
#define PMEMRAS_DMNAME_H

/*
 * Who made a mapped device, and what it is called there, by its device-mapper name and uuid
 * (sysfs dm/name, dm/uuid). A uuid begins with its maker's prefix by convention: "LVM-",
 * "CRYPT-", "mpath-". LVM joins the names of volume group and volume (and of an internal
 * layer) with '-', and doubles every '-' in them (lvm(8), libdm's dm_build_dm_name()).
 */

struct dmname {
	char maker[16];  /* "lvm", "crypt", "multipath", …; "" not known */
	char label[320]; /* what the maker calls it: "vg/lv"; else the name; raw bytes */
	char layer[32]; /* lvm: which hidden part of the volume it is, "real", "tpool"; "" itself */
};

/* @name, @uuid: NULL is "". What is too long is cut. */
void dmname_decode(const char *name, const char *uuid, struct dmname *ret);

#endif
