package dev.herald.redis;

import java.util.List;

/**
 * Some of the keys that match a pattern. Whatever is there all the while is on one of the pages, perhaps on several.
 *
 * @param next where to go on; an empty text: this was the last page
 */
public record KeyPage(List<String> keys, String next) {
    public KeyPage {
        keys = List.copyOf(keys);
    }
}
