package dev.herald.api.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtagTest {
    @ParameterizedTest
    @ValueSource(strings = {"\"42\"", "*", "W/\"42\"", "\"1\", \"42\""})
    void finds_a_revision_that_is_named(String header) {
        assertThat(Etag.isKnown(header, 42)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"4\"", "42", "", "\"1\", \"2\"", "nonsense"})
    void does_not_find_another(String header) {
        assertThat(Etag.isKnown(header, 42)).isFalse();
    }

    @Test
    void an_absent_header_names_nothing() {
        assertThat(Etag.isKnown(null, 42)).isFalse();
    }

    @Test
    void a_weak_tag_allows_no_change() {
        assertThat(Etag.matches("\"42\"", 42)).isTrue();
        assertThat(Etag.matches("W/\"42\"", 42)).isFalse();
    }
}
