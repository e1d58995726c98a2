package dev.herald.api.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.api.http.Fields;
import dev.herald.model.ChannelKey;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastSeqsTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "|", "|||"})
    void a_client_may_have_nothing(String text) {
        assertThat(read(text)).isEmpty();
    }

    @Test
    void an_id_may_have_colons_and_bars() {
        assertThat(read("g1:2:3|visitor|g1:3:4||a:1:2:2:5|"))
                .isEqualTo(Map.of(
                        new ChannelKey("g1", 2), 3L,
                        new ChannelKey("visitor|g1", 3), 4L,
                        new ChannelKey("a:1:2", 2), 5L));
    }

    @Test
    void a_person_is_named_by_the_other_side_or_by_both() {
        assertThat(read("u2:1:3")).isEqualTo(Map.of(ChannelKey.conversation("u1", "u2"), 3L));
        assertThat(read("u2@u1:1:3")).isEqualTo(read("u1@u2:1:3")).isEqualTo(read("u2:1:3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"g1", "g1:2", "g1:2:", "g1:x:3", ":2:3", "g1:2:3|g2", "g1:2:3:"})
    void what_is_no_entry_is_refused(String text) {
        assertThatThrownBy(() -> read(text)).hasMessage("last_msg_seqs: must be entries id:type:seq");
    }

    @ParameterizedTest
    @ValueSource(strings = {"|", ":", "1:", "a|"})
    void a_long_one_that_is_wrong_is_refused_at_once(String part) {
        String text = part.repeat((1 << 20) / part.length() - 1) + "x";
        assertThatThrownBy(() -> read(text)).hasMessage("last_msg_seqs: must be entries id:type:seq");
    }

    private static Map<ChannelKey, Long> read(String text) {
        return Fields.read(JsonObject.of("last_msg_seqs", text), fields -> LastSeqs.read(fields, "u1"))
                .seqs();
    }
}
