package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;

/** Messages for the tests of this package. */
final class Messages {
    private Messages() {}

    static SendMessage group(String from, String group, String clientMsgNo) {
        return of(from, false, ChannelKey.group(group), clientMsgNo);
    }

    static SendMessage person(String from, String to, String clientMsgNo) {
        return of(from, false, new ChannelKey(to, ChannelKey.PERSON), clientMsgNo);
    }

    static SendMessage of(String from, boolean trusted, ChannelKey channel, String clientMsgNo) {
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
}
