package dev.herald.channel;

import java.util.List;

/**
 * What became of an edit.
 *
 * @param revision of the channel afterwards
 * @param changed false if all was so already: then the revision is the old one
 * @param commands ids of those that tell of it
 */
public record Changed(long revision, boolean changed, List<Long> commands) {
    public Changed {
        commands = List.copyOf(commands);
    }

    /** What nobody is told of. */
    public Changed(long revision, boolean changed) {
        this(revision, changed, List.of());
    }
}
