package dev.herald.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimsTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
    private static final Expected ANY = new Expected(Optional.empty(), Optional.empty(), Duration.ofSeconds(30));
    private static final Expected OURS = new Expected(Optional.of("https://id"), Optional.of("chat"), Duration.ZERO);

    @Test
    void says_whose_device_it_is() {
        assertThat(read("{'sub':'u1','iat':999990,'exp':1000060}"))
                .isEqualTo(new Claims("u1", OptionalInt.empty(), false, Instant.ofEpochSecond(999_990)));
        assertThat(read("{'sub':'u1','iat':999990.5,'exp':1000060.5,'device_flag':1,'device_level':1}"))
                .isEqualTo(new Claims("u1", OptionalInt.of(1), true, Instant.ofEpochMilli(999_990_500)));
    }

    @Test
    void need_not_say_when_they_were_made() {
        assertThat(read("{'sub':'u1','exp':1000060}"))
                .isEqualTo(new Claims("u1", OptionalInt.empty(), false, Instant.EPOCH));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'sub':'u1','iat':999000,'exp':999970} | token: expired 30 s ago",
                "{'sub':'u1','iat':1000031,'exp':1000060} | token: is not valid yet",
                "{'sub':'u1','iat':999990,'nbf':1000031,'exp':1000060} | token: is not valid yet",
                "{'sub':'u1','iat':999990} | token: must have the claim exp, in seconds since 1970",
                "{'sub':'u1','iat':999990,'exp':'x'} | token: must have the claim exp, in seconds since 1970",
                "{'sub':'u1','iat':999990,'exp':1755000000000} | token: must have the claim exp, in seconds since 1970",
                "{'sub':'u1','iat':-1,'exp':1000060} | token: must have the claim iat, in seconds since 1970",
                "{'sub':'u1','iat':'x','exp':1000060} | token: must have the claim iat, in seconds since 1970",
                "{'iat':999990,'exp':1000060} | token: must have the uid as its claim sub",
                "{'sub':1,'iat':999990,'exp':1000060} | token: must have the uid as its claim sub",
                "{'sub':'u1','iat':999990,'exp':1000060,'device_flag':256} | token: its claim device_flag must be an integer from 0 to 255",
                "{'sub':'u1','iat':999990,'exp':1000060,'device_level':'1'} | token: its claim device_level must be an integer from 0 to 1",
            })
    void refuses_what_is_not_good_now(String claims, String text) {
        assertThatThrownBy(() -> read(claims)).hasMessage(text).satisfies(thrown -> assertThat(
                        HeraldException.failureOf(thrown))
                .isEqualTo(Failure.UNAUTHENTICATED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'sub':'u1','iat':999999,'exp':999971}",
                "{'sub':'u1','iat':1000030,'exp':1000060}",
                "{'sub':'u1','iat':999990,'nbf':1000030,'exp':1000060}"
            })
    void clocks_may_be_off_by_the_leeway(String claims) {
        assertThat(read(claims).uid()).isEqualTo("u1");
    }

    @Test
    void is_meant_for_this_server_by_the_right_issuer() {
        JsonObject good = json("{'sub':'u1','iat':999990,'exp':1000060,'iss':'https://id','aud':'chat'}");
        assertThat(Claims.read(good, OURS, NOW).uid()).isEqualTo("u1");
        assertThat(Claims.read(good.copy().put("aud", json("{'a':['x','chat']}").getJsonArray("a")), OURS, NOW)
                        .uid())
                .isEqualTo("u1");

        assertThatThrownBy(() -> Claims.read(good.copy().put("iss", "https://other"), OURS, NOW))
                .hasMessage("token: must have the claim iss https://id");
        assertThatThrownBy(() -> Claims.read(good.copy().put("aud", "chats"), OURS, NOW))
                .hasMessage("token: must have the claim aud chat");
        assertThatThrownBy(() -> Claims.read(good.copy().putNull("aud"), OURS, NOW))
                .hasMessage("token: must have the claim aud chat");
    }

    private static Claims read(String claims) {
        return Claims.read(json(claims), ANY, NOW);
    }

    private static JsonObject json(String text) {
        return new JsonObject(text.replace('\'', '"'));
    }
}
