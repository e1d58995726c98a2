package dev.herald.messagelog;

import dev.herald.model.ChannelKey;

/**
 * A channel that somebody wants to read.
 *
 * @param pk its primary key
 * @param key as it is stored
 * @param lastSeq of its newest message; 0 if it has none yet
 * @param mayRead whether the reader who was named is in it; true if none was named
 */
public record LogChannel(long pk, ChannelKey key, long lastSeq, boolean mayRead) {}
