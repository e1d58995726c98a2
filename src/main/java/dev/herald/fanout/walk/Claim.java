package dev.herald.fanout.walk;

import dev.herald.fanout.inbox.CoalesceKey;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.model.Command;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pending command that is this node's for the time of a lease, with the page of users to reach next.
 *
 * @param coalesceKey brief form; empty if it has none
 * @param epoch of Redis, as this node knew it: in a later one it can note nothing any more
 * @param committedAt about when, by {@link System#nanoTime}
 * @param page in byte order; the last page of the command if it is shorter than a whole one
 * @param leasedAt by {@link System#nanoTime}, before the lease was asked for
 * @param next of the same channel, claimed together with this: its turn comes when this has reached everybody
 */
public record Claim(
        Command command,
        String coalesceKey,
        long epoch,
        long committedAt,
        List<String> page,
        long leasedAt,
        @Nullable Claim next) {
    private static final String OVERFLOW = CoalesceKey.brief(Resyncs.OVERFLOW);

    public Claim {
        page = List.copyOf(page);
    }

    long id() {
        return command.id();
    }

    /** The same command further on. */
    Claim at(List<String> nextPage, long leased) {
        return new Claim(command, coalesceKey, epoch, committedAt, nextPage, leased, next);
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - committedAt);
    }

    /** True if the command takes the place of everything before it. */
    boolean clears() {
        return coalesceKey.equals(OVERFLOW);
    }

    /** False if another node may be at work on the command by now; a frozen process finds out here. */
    boolean isHeld(Duration lease) {
        return System.nanoTime() - leasedAt < lease.toNanos();
    }
}
