package dev.herald.api.http;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/**
 * A request's body as it arrives, whatever its content type: WuKongIM's clients do not all name one. What exceeds the
 * limit is dropped, and refused when the caller has sent it all, since many callers read no answer before.
 */
final class Body implements Handler<Buffer> {
    private final int limit;
    private final Buffer received = Buffer.buffer();
    private boolean tooLong;

    private Body(int limit) {
        this.limit = limit;
    }

    /** @return completed on the context of the request */
    static Future<Buffer> of(HttpServerRequest request, int limit) {
        Body body = new Body(limit);
        request.handler(body);
        return request.end().map(end -> body.whole());
    }

    @Override
    public void handle(Buffer chunk) {
        tooLong |= received.length() + chunk.length() > limit;
        if (!tooLong) {
            received.appendBuffer(chunk);
        }
    }

    private Buffer whole() {
        if (tooLong) {
            throw new HeraldException(Failure.TOO_LARGE, "body: must not be longer than " + limit + " bytes");
        }
        return received;
    }
}
