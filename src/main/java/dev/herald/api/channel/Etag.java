package dev.herald.api.channel;

import dev.herald.api.http.Reply;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A channel's revision as HTTP's entity tag (RFC 9110 section 8.8.3). */
final class Etag {
    private Etag() {}

    static String of(long revision) {
        return "\"" + revision + "\"";
    }

    static Reply on(Reply reply, long revision) {
        return reply.with("ETag", of(revision));
    }

    /** Does an If-Match header name this revision? The strong comparison: a weak tag never does. */
    static boolean matches(String header, long revision) {
        return tags(header).anyMatch(tag -> tag.equals("*") || tag.equals(of(revision)));
    }

    /** Does an If-None-Match header name this revision? The weak comparison. */
    static boolean isKnown(@Nullable String header, long revision) {
        return header != null && matches(header.replace("W/", ""), revision);
    }

    private static Stream<String> tags(String header) {
        return Arrays.stream(header.split(",")).map(String::strip);
    }
}
