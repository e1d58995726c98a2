package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtagTest {
    @ParameterizedTest
    @ValueSource(strings = {"\"42\"", "*", "W/\"42\"", "\"1\", \"42\""})
    void finds_a_revision_that_is_named(String header) {
        assertThat(Etag.names(header, 42)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"4\"", "42", "", "\"1\", \"2\"", "nonsense"})
    void does_not_find_another(String header) {
        assertThat(Etag.names(header, 42)).isFalse();
    }

    @Test
    void an_absent_header_names_nothing() {
        assertThat(Etag.names(null, 42)).isFalse();
    }
}
