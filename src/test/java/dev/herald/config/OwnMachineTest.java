package dev.herald.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnMachineTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost", "127.0.0.1", "127.7.0.2", "herald", "::1", "[::1]"})
    void these_are_this_machine(String host) {
        assertThat(OwnMachine.isNear(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "evil.example", "127.evil.example", "localhost.evil.example", "10.0.0.1", "::2", "0.0.0.0"})
    void these_may_be_anybody(String host) {
        assertThat(OwnMachine.isNear(host)).isFalse();
    }
}
