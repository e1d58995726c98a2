package dev.herald.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.JacksonCodec;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * An answer, in WuKongIM's forms (wukong-interfaces section 3.1).
 *
 * @param body empty for none
 */
record Reply(int httpStatus, Buffer body, Map<String, String> headers) {
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    /** Databind, which Vert.x takes by itself, begins anew for each object inside another. */
    private static final JacksonCodec JSON = new JacksonCodec();

    /** {@code {"status":200}}. */
    static Reply ok() {
        return businessStatus(OK);
    }

    /** HTTP 200 all the same: the status inside tells what the business is refused. */
    static Reply businessStatus(int status) {
        return bare(JsonObject.of("status", status));
    }

    static Reply data(JsonObject data) {
        return bare(JsonObject.of("status", OK, "data", data));
    }

    static Reply bare(JsonObject body) {
        return json(OK, body);
    }

    static Reply bare(JsonArray body) {
        return new Reply(OK, JSON.toBuffer(body, false), Map.of());
    }

    static Reply json(int httpStatus, JsonObject body) {
        return new Reply(httpStatus, JSON.toBuffer(body, false), Map.of());
    }

    static Reply notModified() {
        return new Reply(NOT_MODIFIED, Buffer.buffer(), Map.of());
    }

    /** Truth in WuKongIM's form. */
    static int bit(boolean set) {
        return set ? 1 : 0;
    }

    /** Each in its form, in their order. */
    static <T> JsonArray array(Collection<T> items, Function<T, JsonObject> form) {
        return new JsonArray(items.stream().map(form).toList());
    }

    Reply withEtag(long revision) {
        return with("ETag", Etag.of(revision));
    }

    Reply with(String header, String value) {
        Map<String, String> all = new HashMap<>(headers);
        all.put(header, value);
        return new Reply(httpStatus, body, all);
    }
}
