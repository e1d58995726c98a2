package dev.herald.api;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A channel's revision as HTTP's entity tag (RFC 9110 section 8.8.3). */
final class Etag {
    private Etag() {}

    static String of(long revision) {
        return "\"" + revision + "\"";
    }

    /**
     * Does an If-Match or If-None-Match header name this revision?
     *
     * @param header tags separated by commas, or {@code *} for any
     */
    static boolean names(@Nullable String header, long revision) {
        return header != null
                && Arrays.stream(header.split(","))
                        .map(String::strip)
                        .anyMatch(
                                tag -> tag.equals("*") || tag.equals(of(revision)) || tag.equals("W/" + of(revision)));
    }
}
