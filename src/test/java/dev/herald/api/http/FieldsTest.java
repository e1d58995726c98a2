package dev.herald.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    @Test
    void one_answer_names_every_problem() {
        assertThatThrownBy(() -> read("{\"n\":\"1\",\"flag\":2}", fields -> {
                    fields.uid("uid");
                    fields.number("n", 0, 9, 0);
                    return fields.flag("flag");
                }))
                .isInstanceOfSatisfying(
                        HeraldException.class, e -> assertThat(e.failure()).isEqualTo(Failure.INVALID))
                .hasMessage("uid: is required; n: must be an integer from 0 to 9; flag: must be 0 or 1");
    }

    @Test
    void null_and_absent_are_the_same() {
        assertThat(this.<List<Object>>read(
                        "{\"a\":null}",
                        fields -> List.of(
                                fields.text("a", 5),
                                fields.number("a", 1, 2, 7),
                                fields.flag("a"),
                                fields.flagIfGiven("a"),
                                fields.uids("a", 3),
                                fields.objectIfGiven("a"),
                                fields.integerIfGiven("a", 0, 1))))
                .containsExactly("", 7L, false, Optional.empty(), Set.of(), Optional.empty(), OptionalInt.empty());
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,true", "true,true", "false,false"})
    void a_flag_is_a_bit_or_a_boolean(String json, boolean value) {
        boolean read = read("{\"a\":" + json + "}", fields -> fields.flag("a"));

        assertThat(read).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "-1", "\"1\"", "1.0", "[]", "{}"})
    void refuses_what_is_no_flag(String json) {
        assertThat(problem("{\"a\":" + json + "}", fields -> fields.flag("a"))).isEqualTo("a: must be 0 or 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "10", "1.5", "1e1", "\"5\"", "true", "99999999999999999999"})
    void refuses_what_is_no_integer_of_the_range(String json) {
        assertThat(problem("{\"a\":" + json + "}", fields -> fields.number("a", 0, 9, 0)))
                .isEqualTo("a: must be an integer from 0 to 9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7           | must be a string",
                "\"abcdef\"  | must not be longer than 5 bytes",
                "\"äöü\"     | must not be longer than 5 bytes",
                "\"a\\nb\"   | must not contain control characters",
                "\"\\u0000\" | must not contain control characters",
                "\"\\ud800\" | must not contain control characters",
            })
    void refuses_texts_that_cannot_be_kept(String json, String problem) {
        assertThat(problem("{\"a\":" + json + "}", fields -> fields.text("a", 5)))
                .isEqualTo("a: " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"u1\"            | a: must be an array of strings",
                "[\"u1\",7]        | a[1]: must be a string",
                "[\"u1\",null]     | a[1]: must be a string",
                "[\"\"]            | a[0]: must not be blank",
                "[\"1\",\"2\",\"3\"] | a: must not hold more than 2 uids",
            })
    void refuses_lists_of_uids_and_says_where(String json, String problem) {
        assertThat(problem("{\"a\":" + json + "}", fields -> fields.uids("a", 2)))
                .isEqualTo(problem);
    }

    @Test
    void a_uid_that_is_named_twice_is_read_once() {
        List<String> read = read("{\"a\":[\"u2\",\"u1\",\"u2\"]}", fields -> List.copyOf(fields.uids("a", 3)));

        assertThat(read).containsExactly("u2", "u1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"a\":[]}", "{\"a\":null}"})
    void a_required_list_must_not_be_empty(String json) {
        assertThat(problem(json, fields -> fields.requiredUids("a", 3)))
                .isEqualTo("a: is required and must not be empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}               | is required",
                "{\"a\":\"\"}     | is required",
                "{\"a\":\"  \"}   | is required",
                "{\"a\":5}        | must be a string",
                "{\"a\":\"x@y\"}  | must not contain '@'",
            })
    void refuses_bad_uids(String json, String problem) {
        assertThat(problem(json, fields -> fields.uid("a"))).startsWith("a: " + problem);
    }

    @Test
    void names_the_path_of_a_nested_field() {
        assertThat(problem("{\"header\":{\"sync_once\":7}}", fields -> fields.in("header")
                        .flag("sync_once")))
                .isEqualTo("header.sync_once: must be 0 or 1");
        assertThat(problem("{\"header\":7}", fields -> fields.in("header").flag("sync_once")))
                .isEqualTo("header: must be an object");
    }

    private <T> T read(String json, Function<Fields, T> form) {
        return Fields.read(new JsonObject(json), form);
    }

    private String problem(String json, Function<Fields, ?> form) {
        try {
            Fields.read(new JsonObject(json), form);
        } catch (HeraldException e) {
            return e.getMessage();
        }
        throw new AssertionError("was not refused: " + json);
    }
}
