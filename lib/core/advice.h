/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_ADVICE_H
#define PMEMRAS_ADVICE_H

/* What to do about damage below something that pmemras cannot look into. */

/* What takes a device's bytes where no filesystem does; likewise names for advice_for(). */
#define ADVICE_SWAP_IN_USE "swap, in use"
#define ADVICE_DEVDAX      "device-dax: a program's own"
#define ADVICE_KMEM        "device-dax: system memory (kmem)"
#define ADVICE_NOTHING     "nothing that is recognised"

/*
 * @type: libblkid's name of a signature ("ext4", "LVM2_member"), one of those above, or a device and its layer's type
 * ("dm-3 (thin-pool)", "md0 (raid5)"). NULL: none, NULL included.
 */
const char *advice_for(const char *type);

#endif
