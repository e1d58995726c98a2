package dev.herald.api.send;

import dev.herald.api.http.Call;
import dev.herald.api.http.MessageId;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.InboxMessage.RefreshCursors;
import dev.herald.command.Progress;
import dev.herald.command.SentCommand;
import dev.herald.command.UserProgress;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** Beyond WuKongIM: whom a command has reached, and who has acknowledged it. */
final class ProgressRoutes {
    private final Bus bus;
    private final SqlClient pg;

    ProgressRoutes(Bus bus, PgClients pg) {
        this.bus = bus;
        this.pg = pg.statements();
    }

    void mount(Routes routes) {
        routes.get("/cmd/:id", this::show);
    }

    private Future<Reply> show(Call call) {
        long id = MessageId.of(call);
        Optional<String> uid = call.readQuery(fields -> fields.ifGiven("uid", fields::uid));
        return SentCommand.find(pg, id)
                .compose(found -> {
                    SentCommand command = found.orElseThrow(
                            () -> new HeraldException(Failure.NOT_FOUND, "id: there is no such command, or no longer"));
                    return uid.map(user -> ofUser(command, user)).orElseGet(() -> ofAll(command));
                })
                .map(Reply::data);
    }

    private Future<JsonObject> ofAll(SentCommand command) {
        return Progress.of(pg, command, this::refresh).map(progress -> json(command)
                .put("members", progress.members())
                .put("written", command.written())
                .put("delivered", progress.delivered())
                .put("acknowledged", progress.acknowledged())
                .put(
                        "devices",
                        Reply.array(
                                progress.devices(),
                                of -> JsonObject.of(
                                        "device_flag", of.flag(),
                                        "known", of.known(),
                                        "acknowledged", of.acknowledged()))));
    }

    private Future<JsonObject> ofUser(SentCommand command, String uid) {
        return UserProgress.of(pg, command, uid, this::refresh).map(progress -> json(command)
                .put("uid", uid)
                .put("addressed", Reply.bit(progress.addressed()))
                .put("written", Reply.bit(progress.written()))
                .put(
                        "devices",
                        Reply.array(
                                progress.devices(),
                                of -> JsonObject.of(
                                        "device_flag", of.flag(),
                                        "cursor", of.cursor(),
                                        "tail", of.tail(),
                                        "acknowledged", Reply.bit(of.acknowledged())))));
    }

    private static JsonObject json(SentCommand command) {
        OffsetDateTime doneAt = command.doneAt();
        return new JsonObject()
                .put("message_id", command.id())
                .put("message_idstr", Long.toString(command.id()))
                .put("client_msg_no", command.clientMsgNo())
                .put("channel_id", command.channel().id())
                .put("channel_type", command.channel().type())
                .put("created_at", command.createdAt().toInstant().toString())
                .put("done", Reply.bit(doneAt != null))
                .put("done_at", doneAt == null ? null : doneAt.toInstant().toString())
                .put("lag_ms", command.lagMillis());
    }

    /** Without Redis the cursors count as they are stored. */
    private Future<?> refresh(List<String> uids) {
        return bus.request(Addresses.INBOX_REFRESH, new RefreshCursors(uids)).otherwiseEmpty();
    }
}
