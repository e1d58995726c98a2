package dev.herald.socket.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame.Send;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendRulesTest {

    @ParameterizedTest
    @ValueSource(strings = {"g1", "群组", "u1@u2", "😀", "with space"})
    void accepts_any_printable_channel_id(String id) {
        assertThat(SendRules.refusal(send(id, 2, "c1", "", 0))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u0000", "a\nb", "\u007f", "\ud800"})
    void refuses_a_channel_id_that_no_store_could_hold(String id) {
        assertThat(SendRules.refusal(send(id, 2, "c1", "", 0))).contains(Reason.CHANNEL_ID_ERROR);
    }

    @ParameterizedTest
    @CsvSource({"1,u1@u2", "1,u#", "10,u1@u2", "11,u1@", "11,@u1", "11,u1@u2@u3", "2,g1____cmd", "6,i____cmd"})
    void refuses_a_channel_id_that_is_none_of_its_type(int type, String id) {
        assertThat(SendRules.refusal(send(id, type, "c1", "", 0))).contains(Reason.CHANNEL_ID_ERROR);
    }

    @ParameterizedTest
    @CsvSource({"1,u1", "10,visitor", "11,agent", "11,u1@agent", "3,visitor|service"})
    void accepts_the_ids_of_the_other_types(int type, String id) {
        assertThat(SendRules.refusal(send(id, type, "c1", "", 0))).isEmpty();
    }

    @Test
    void counts_bytes_and_not_characters() {
        assertThat(SendRules.refusal(send("群".repeat(85), 2, "c", "", 0))).isEmpty();
        assertThat(SendRules.refusal(send("群".repeat(86), 2, "c", "", 0))).contains(Reason.CHANNEL_ID_ERROR);
    }

    @Test
    void accepts_the_channel_types_that_exist() {
        for (int type = 1; type <= 12; type++) {
            assertThat(SendRules.refusal(send("g", type, "c", "", 0))).isEmpty();
        }
        assertThat(SendRules.refusal(send("g", 0, "c", "", 0))).contains(Reason.UNSUPPORTED_CHANNEL_TYPE);
        assertThat(SendRules.refusal(send("g", 13, "c", "", 0))).contains(Reason.UNSUPPORTED_CHANNEL_TYPE);
        assertThat(SendRules.refusal(send("g", -1, "c", "", 0))).contains(Reason.UNSUPPORTED_CHANNEL_TYPE);
    }

    @Test
    void refuses_other_fields_over_their_limits() {
        assertThat(SendRules.refusal(send("g", 2, "c".repeat(255), "t".repeat(255), 0xffff_ffffL)))
                .isEmpty();
        assertThat(SendRules.refusal(send("g", 2, "c".repeat(256), "", 0))).contains(Reason.PAYLOAD_DECODE_ERROR);
        assertThat(SendRules.refusal(send("g", 2, "c\u0000", "", 0))).contains(Reason.PAYLOAD_DECODE_ERROR);
        assertThat(SendRules.refusal(send("g", 2, "c", "t".repeat(256), 0))).contains(Reason.PAYLOAD_DECODE_ERROR);
        assertThat(SendRules.refusal(send("g", 2, "c", "", 0x1_0000_0000L))).contains(Reason.PAYLOAD_DECODE_ERROR);
    }

    private static Send send(String channel, int type, String clientMsgNo, String topic, long expire) {
        return new Send(Header.PLAIN, 0, 1, clientMsgNo, new ChannelKey(channel, type), expire, topic, Payload.EMPTY);
    }
}
