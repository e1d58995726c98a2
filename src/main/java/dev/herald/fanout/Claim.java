package dev.herald.fanout;

import dev.herald.model.Command;
import java.time.Duration;
import java.util.List;

/**
 * A pending command that is this node's for the time of a lease, with the page of users to reach next.
 *
 * @param page in byte order; the last page of the command if it is shorter than a whole one
 * @param leasedAt by {@link System#nanoTime}, before the lease was asked for
 */
record Claim(Command command, List<String> page, long leasedAt) {
    Claim {
        page = List.copyOf(page);
    }

    long id() {
        return command.id();
    }

    /** False if another node may be at work on the command by now; a frozen process finds out here. */
    boolean isHeld(Duration lease) {
        return System.nanoTime() - leasedAt < lease.toNanos();
    }
}
