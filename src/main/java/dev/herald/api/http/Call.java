package dev.herald.api.http;

import dev.herald.failure.HeraldException;
import dev.herald.model.ClientMsgNo;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request, wholly received.
 *
 * @param operation what the document says of it
 * @param path the parts of the path that have a name
 * @param run which of the runs that one key ties together; null without a key
 */
public record Call(
        HttpServerRequest http,
        Operation operation,
        Map<String, String> path,
        Buffer body,
        @Nullable Run run) {
    private static final String INTEGER = "-?\\d{1,18}";

    /**
     * One of the runs of a keyed request.
     *
     * @param number the same in all of them
     * @param first when the first of them began, by PostgreSQL's clock
     * @param note writes the answer for repeats; fails if the key is another run's by now
     */
    record Run(String number, OffsetDateTime first, BiFunction<SqlClient, Reply, Future<Void>> note) {}

    Call in(Run keyed) {
        return new Call(http, operation, path, body, keyed);
    }

    /** The client number of what this call sends, if its body names none. */
    public String number() {
        return run == null ? ClientMsgNo.random() : run.number();
    }

    /** When the first run of this request began; none if it has no key, so that there is but one. */
    public Optional<OffsetDateTime> first() {
        return Optional.ofNullable(run).map(Run::first);
    }

    /**
     * Makes the answer part of the transaction that it answers for: either both stand, and no repeat comes to another
     * effect, or neither does.
     */
    public Future<Reply> noted(SqlClient tx, Reply reply) {
        return run == null
                ? Future.succeededFuture(reply)
                : run.note().apply(tx, reply).map(reply);
    }

    /**
     * Does what is one transaction, with its answer in it if the call has a key.
     *
     * @param effect whose statements all go to the client that it is given
     * @param form of the answer; what it throws undoes a keyed effect
     */
    public <T> Future<Reply> once(PgClients pg, Function<SqlClient, Future<T>> effect, Function<T, Reply> form) {
        return run == null
                ? effect.apply(pg.statements()).map(form)
                : pg.transactions()
                        .withTransaction(tx -> effect.apply(tx).compose(done -> noted(tx, form.apply(done))));
    }

    /** A part of the path that has a name. */
    public String part(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /** The address of this node that the caller connected to. */
    public String reached() {
        return String.valueOf(http.localAddress().hostAddress());
    }

    /** Of the request, as its answer and the logs name it. */
    public String id() {
        return Access.requestId(http);
    }

    @Nullable
    public String header(String name) {
        return http.getHeader(name);
    }

    /** Reads a body that is a JSON object. */
    public <T> T read(Function<Fields, T> form) {
        if (!(json() instanceof JsonObject object)) {
            throw HeraldException.invalid("body", "must be a JSON object");
        }
        T read = Fields.read(object, form);
        operation.checkBody(object.getMap());
        return read;
    }

    /** Reads a body that is a JSON array, as if it were the field of that name. */
    public <T> T readArray(String name, Function<Fields, T> form) {
        if (!(json() instanceof JsonArray array)) {
            throw HeraldException.invalid("body", "must be a JSON array");
        }
        T read = Fields.read(JsonObject.of(name, array), form);
        operation.checkBody(array.getList());
        return read;
    }

    /** Reads the query as if it were a body; an empty number is the same as an absent one. */
    public <T> T readQuery(Function<Fields, T> form) {
        JsonObject query = new JsonObject();
        parameters().forEach(parameter -> query.put(parameter.getKey(), parameter.getValue()));
        for (String name : operation.integers()) {
            String text = query.getString(name, "");
            if (text.isEmpty()) {
                query.remove(name);
            } else if (text.matches(INTEGER)) {
                query.put(name, Long.valueOf(text));
            }
        }
        T read = Fields.read(query, form);
        operation.checkQuery(query.getMap());
        return read;
    }

    private MultiMap parameters() {
        try {
            return http.params();
        } catch (IllegalArgumentException e) {
            throw HeraldException.invalid("query", "is malformed");
        }
    }

    private @Nullable Object json() {
        try {
            return Json.decodeValue(body);
        } catch (DecodeException e) {
            throw HeraldException.invalid("body", "is not one whole JSON text");
        }
    }
}
