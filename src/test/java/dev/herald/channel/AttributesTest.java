package dev.herald.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributesTest {
    /** The test cases of RFC 7396, appendix A, whose target and patch are objects. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"b\"}              | {\"a\":\"c\"}                  | {\"a\":\"c\"}",
                "{\"a\":\"b\"}              | {\"b\":\"c\"}                  | {\"a\":\"b\",\"b\":\"c\"}",
                "{\"a\":\"b\"}              | {\"a\":null}                   | {}",
                "{\"a\":\"b\",\"b\":\"c\"}  | {\"a\":null}                   | {\"b\":\"c\"}",
                "{\"a\":[\"b\"]}            | {\"a\":\"c\"}                  | {\"a\":\"c\"}",
                "{\"a\":\"c\"}              | {\"a\":[\"b\"]}                | {\"a\":[\"b\"]}",
                "{\"a\":{\"b\":\"c\"}}      | {\"a\":{\"b\":\"d\",\"c\":null}} | {\"a\":{\"b\":\"d\"}}",
                "{\"a\":[{\"b\":\"c\"}]}    | {\"a\":[1]}                    | {\"a\":[1]}",
                "{\"e\":null}               | {\"a\":1}                      | {\"e\":null,\"a\":1}",
                "{}                         | {\"a\":{\"bb\":{\"ccc\":null}}} | {\"a\":{\"bb\":{}}}",
            })
    void merges_as_the_standard_says(String target, String patch, String result) {
        assertThat(Attributes.merge(new JsonObject(target), new JsonObject(patch)))
                .isEqualTo(new JsonObject(result));
    }

    @Test
    void leaves_the_target_as_it_was() {
        JsonObject target = new JsonObject("{\"a\":{\"b\":1}}");

        Attributes.merge(target, new JsonObject("{\"a\":{\"b\":2}}"));

        assertThat(target).isEqualTo(new JsonObject("{\"a\":{\"b\":1}}"));
    }

    @Test
    void refuses_what_grows_over_the_limit_by_merging() {
        JsonObject half = JsonObject.of("a", "x".repeat(Attributes.MAX_BYTES / 2));

        assertThatThrownBy(() -> Attributes.merge(half, JsonObject.of("b", "x".repeat(Attributes.MAX_BYTES / 2))))
                .hasMessage("attributes: must not be longer than 65536 bytes");
    }

    @Test
    void refuses_a_character_that_the_database_cannot_keep() {
        assertThatThrownBy(() -> Attributes.checked(JsonObject.of("a", "x\0")))
                .hasMessage("attributes: must not contain the character U+0000");
        assertThatThrownBy(() -> Attributes.checked(JsonObject.of("a", "\ud83d")))
                .hasMessage("attributes: must not contain half of a surrogate pair");
        assertThat(Attributes.checked(JsonObject.of("a", "\ud83d\ude00")).getString("a"))
                .hasSize(2);
    }

    @Test
    void refuses_what_is_nested_too_deep_or_has_no_finite_value() {
        String deep = "{\"a\":".repeat(Attributes.MAX_DEPTH + 1) + "1" + "}".repeat(Attributes.MAX_DEPTH + 1);

        assertThatThrownBy(() -> Attributes.checked(new JsonObject(deep)))
                .hasMessage("attributes: must not be nested deeper than 32 levels");
        assertThatThrownBy(() -> Attributes.checked(new JsonObject("{\"n\":[1e400]}")))
                .hasMessage("attributes: has a number beyond the range of a double");
    }
}
