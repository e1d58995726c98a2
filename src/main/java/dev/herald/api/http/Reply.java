package dev.herald.api.http;

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
public record Reply(int httpStatus, Buffer body, Map<String, String> headers) {
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    /** Databind, which Vert.x takes by itself, begins anew for each object inside another. */
    private static final JacksonCodec JSON = new JacksonCodec();

    /** {@code {"status":200}}. */
    public static Reply ok() {
        return businessStatus(OK);
    }

    /** HTTP 200 all the same: the status inside tells what the business is refused. */
    public static Reply businessStatus(int status) {
        return bare(JsonObject.of("status", status));
    }

    public static Reply data(JsonObject data) {
        return bare(JsonObject.of("status", OK, "data", data));
    }

    public static Reply bare(JsonObject body) {
        return json(OK, body);
    }

    public static Reply bare(JsonArray body) {
        return new Reply(OK, JSON.toBuffer(body, false), Map.of());
    }

    public static Reply json(int httpStatus, JsonObject body) {
        return new Reply(httpStatus, JSON.toBuffer(body, false), Map.of());
    }

    public static Reply notModified() {
        return new Reply(NOT_MODIFIED, Buffer.buffer(), Map.of());
    }

    /** Truth in WuKongIM's form. */
    public static int bit(boolean set) {
        return set ? 1 : 0;
    }

    /** Each in its form, in their order. */
    public static <T> JsonArray array(Collection<T> items, Function<T, JsonObject> form) {
        return new JsonArray(items.stream().map(form).toList());
    }

    public Reply with(String header, String value) {
        Map<String, String> all = new HashMap<>(headers);
        all.put(header, value);
        return new Reply(httpStatus, body, all);
    }
}
