/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The further away a time is, the less of it matters: today the second, this
 * year the minute, else the day. Month names are those of the C locale, so that the
 * text is the same everywhere.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "timefmt.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* How far the two days are apart, as far as it matters. */
enum distance { SAME_DAY, SAME_YEAR, FAR };

static enum distance split(uint64_t usec, uint64_t now_usec, struct tm *ret)
{
	time_t at = (time_t)(usec / 1000000), now = (time_t)(now_usec / 1000000);
	struct tm then = {0}, today = {0};

	if (!localtime_r(&at, &then) || !localtime_r(&now, &today))
		memset(&then, 0, sizeof(then));
	*ret = then;
	if (then.tm_year != today.tm_year)
		return FAR;
	return then.tm_yday == today.tm_yday ? SAME_DAY : SAME_YEAR;
}

char *timefmt_since(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF])
{
	enum distance distance;
	struct tm tm;

	if (!usec) {
		strcpy(buf, "-");
		return buf;
	}

	distance = split(usec, now_usec, &tm);
	if (distance == SAME_DAY)
		snprintf(buf, TIMEFMT_BUF, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	else if (distance == SAME_YEAR)
		snprintf(buf, TIMEFMT_BUF, "%s %02d %02d:%02d", months[tm.tm_mon % 12], tm.tm_mday,
			 tm.tm_hour, tm.tm_min);
	else
		strftime(buf, TIMEFMT_BUF, "%Y-%m-%d %H:%M", &tm);
	return buf;
}

char *timefmt_exact(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF])
{
	enum distance distance;
	size_t len = 0;
	struct tm tm;

	if (!usec) {
		strcpy(buf, "-");
		return buf;
	}

	distance = split(usec, now_usec, &tm);
	if (distance == SAME_YEAR)
		len = (size_t)snprintf(buf, TIMEFMT_BUF, "%s %02d ", months[tm.tm_mon % 12],
				       tm.tm_mday);
	else if (distance == FAR)
		len = strftime(buf, TIMEFMT_BUF, "%Y-%m-%d ", &tm);
	snprintf(buf + len, TIMEFMT_BUF - len, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min,
		 tm.tm_sec, (unsigned int)(usec / 1000 % 1000));
	return buf;
}

char *timefmt_ago(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF])
{
	uint64_t seconds = now_usec >= usec ? (now_usec - usec) / 1000000 : 0;
	uint64_t days = seconds / 86400;

	if (usec > now_usec + 1000000)
		strcpy(buf, "in the future");
	else if (seconds < 120)
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 " s ago", seconds);
	else if (seconds < 2 * 3600)
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 " min ago", seconds / 60);
	else if (days < 2)
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 " h ago", seconds / 3600);
	else
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 " days ago", days);
	return buf;
}

char *sizefmt(uint64_t bytes, char buf[TIMEFMT_BUF])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t unit = 1, tenths;
	size_t i = 0;

	while (i + 1 < sizeof(units) / sizeof(units[0]) && bytes / unit >= 1024) {
		unit *= 1024;
		i++;
	}
	/* without overflow: whole units, then the rest in tenths */
	tenths = i ? (bytes % unit / (unit / 1024) * 10 + 512) / 1024 : 0;
	if (tenths == 10 || bytes % unit == 0)
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 " %s", bytes / unit + (tenths == 10),
			 units[i]);
	else
		snprintf(buf, TIMEFMT_BUF, "%" PRIu64 ".%" PRIu64 " %s", bytes / unit, tenths,
			 units[i]);
	return buf;
}
