package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.it.Sql;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Messages for the tests of this package, the group that they go to, and who is given them. */
public final class Messages {
    private Messages() {}

    public static SendMessage group(String from, String group, String clientMsgNo) {
        return of(from, false, ChannelKey.group(group), clientMsgNo);
    }

    static SendMessage person(String from, String to, String clientMsgNo) {
        return of(from, false, new ChannelKey(to, ChannelKey.PERSON), clientMsgNo);
    }

    public static SendMessage of(String from, boolean trusted, ChannelKey channel, String clientMsgNo) {
        return with(from, trusted, channel, clientMsgNo, Header.PLAIN);
    }

    static SendMessage ending(String from, String group, String clientMsgNo, long seconds) {
        return new SendMessage(
                from,
                77,
                false,
                ChannelKey.group(group),
                clientMsgNo,
                Header.PLAIN,
                0,
                seconds,
                "",
                Payload.of("{\"type\":1}"));
    }

    static SendMessage with(String from, boolean trusted, ChannelKey channel, String clientMsgNo, Header header) {
        return new SendMessage(from, 77, trusted, channel, clientMsgNo, header, 0, 0, "", Payload.of("{\"type\":1}"));
    }

    static SendMessage in(long session, SendMessage message) {
        return new SendMessage(
                message.fromUid(),
                session,
                message.trusted(),
                message.channel(),
                message.clientMsgNo(),
                message.header(),
                message.setting(),
                message.expireSeconds(),
                message.topic(),
                message.payload());
    }

    static void createGroup(Sql sql, String id, String... members) {
        create(sql, ChannelKey.group(id), members);
    }

    static void create(Sql sql, ChannelKey channel, String... members) {
        sql.rows("""
                with created as (insert into channel (channel_id, channel_type, revision) values ($1, $2, 1) returning pk)
                insert into member (channel, uid, since) select pk, u, 1 from created, unnest($3::text[]) u""", channel.id(), channel.type(), members);
    }

    /** What the sockets behind this bus are given from now on. */
    static List<Push> pushedBy(Bus bus) {
        List<Push> pushes = new CopyOnWriteArrayList<>();
        bus.serve(Addresses.SOCKETS_PUSH, told -> {
            pushes.addAll(told.list());
            return Future.succeededFuture(Done.DONE);
        });
        return pushes;
    }
}
