/**
 * Channels with their flags, attributes, members and lists: reads and changes the channel store, and wakes the fan-out
 * for the commands that went with a change. {@code ChannelName}, how requests name a channel, and {@code
 * ChannelFields}, what else they say of one, serve other packages, too.
 */
@NullMarked
package dev.herald.api.channel;

import org.jspecify.annotations.NullMarked;
