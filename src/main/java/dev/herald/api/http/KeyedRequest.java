package dev.herald.api.http;

import dev.herald.failure.HeraldException;
import dev.herald.model.Sha256;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A request that may come again, and what it is known by.
 *
 * @param digest of all that makes two requests the same: method, path with query, condition and body
 */
record KeyedRequest(String key, Buffer digest) {
    static final String HEADER = "Idempotency-Key";
    private static final String FORM = "[!-~]{1,255}";
    private static final int NUMBER_BYTES = 16;

    /** @throws HeraldException (INVALID) if the call's key has not the form of one */
    static KeyedRequest of(Call call) {
        String key = Objects.requireNonNullElse(call.header(HEADER), "");
        if (!key.matches(FORM)) {
            throw HeraldException.invalid(HEADER, "must be 1 to 255 visible ASCII characters");
        }
        String head = String.join(
                "\n",
                call.http().method().name(),
                call.http().uri(),
                Objects.requireNonNullElse(call.header("If-Match"), ""),
                "");
        return new KeyedRequest(key, sha256(Buffer.buffer(head).appendBuffer(call.body())));
    }

    /** The client number of what this request sends, the same for each of its runs. */
    String number() {
        byte[] bytes = sha256(
                        Buffer.buffer(key.getBytes(StandardCharsets.US_ASCII)).appendBuffer(digest))
                .getBytes(0, NUMBER_BYTES);
        return HexFormat.of().formatHex(bytes);
    }

    private static Buffer sha256(Buffer content) {
        return Buffer.buffer(Sha256.of(content.getBytes()));
    }
}
