package dev.herald.messagelog;

import dev.herald.model.Delivery;
import java.util.List;

/**
 * Messages of one channel.
 *
 * @param more true if what was asked for holds further ones
 */
public record Page(List<Delivery> messages, boolean more) {
    public static final Page EMPTY = new Page(List.of(), false);

    public Page {
        messages = List.copyOf(messages);
    }
}
