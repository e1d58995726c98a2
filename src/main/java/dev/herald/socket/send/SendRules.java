package dev.herald.socket.send;

import dev.herald.model.ChannelKey;
import dev.herald.model.Expiry;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Send;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** What a SEND must keep before it is worth asking anybody: its texts become keys and columns of the stores. */
final class SendRules {
    /** Longest channel id, client message number and topic, in UTF-8 bytes. */
    static final int MAX_TEXT_BYTES = 255;

    private static final int FIRST_CHANNEL_TYPE = ChannelKey.PERSON;
    private static final int LAST_CHANNEL_TYPE = 12;

    private SendRules() {}

    /** Why it is refused, if it is. */
    static Optional<Reason> refusal(Send send) {
        int type = send.channel().type();
        if (type < FIRST_CHANNEL_TYPE || type > LAST_CHANNEL_TYPE) {
            return Optional.of(Reason.UNSUPPORTED_CHANNEL_TYPE);
        }
        if (!isChannelId(send.channel())) {
            return Optional.of(Reason.CHANNEL_ID_ERROR);
        }
        boolean storable = send.payload().size() <= Payload.MAX_BYTES
                && isStorable(send.clientMsgNo())
                && isStorable(send.topic())
                && send.expireSeconds() >= 0
                && send.expireSeconds() <= Expiry.MAX_SECONDS;
        return storable ? Optional.empty() : Optional.of(Reason.PAYLOAD_DECODE_ERROR);
    }

    private static boolean isChannelId(ChannelKey channel) {
        String id = channel.id();
        return switch (channel.type()) {
            case ChannelKey.PERSON, ChannelKey.VISITORS -> isUid(id);
            case ChannelKey.AGENT -> isUid(id) || (isStorable(id) && isTwoUids(channel.sides()));
            default -> !id.isEmpty() && isStorable(id) && !id.endsWith(ChannelKey.COMMAND_SUFFIX);
        };
    }

    private static boolean isTwoUids(List<String> sides) {
        return sides.size() == 2 && sides.stream().allMatch(SendRules::isUid);
    }

    private static boolean isUid(String text) {
        return Uid.problem(text).isEmpty();
    }

    private static boolean isStorable(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= MAX_TEXT_BYTES
                && text.codePoints().noneMatch(c -> Character.isISOControl(c) || isLoneSurrogate(c));
    }

    private static boolean isLoneSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
