package dev.herald.channel;

/**
 * What became of an edit.
 *
 * @param revision of the channel afterwards
 * @param changed false if all was so already: then the revision is the old one and no command was written
 */
public record Changed(long revision, boolean changed) {}
