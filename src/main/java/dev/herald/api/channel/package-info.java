/**
 * Channels with their flags, attributes, members and lists: reads and changes the channel store, and wakes the fan-out
 * for the commands that went with a change. {@code ChannelFields}, how requests name a channel, serves the other
 * packages, too.
 */
@NullMarked
package dev.herald.api.channel;

import org.jspecify.annotations.NullMarked;
