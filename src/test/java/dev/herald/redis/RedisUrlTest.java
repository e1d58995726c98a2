package dev.herald.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {
    @Test
    void a_plain_url_is_one_server() {
        RedisUrl url = RedisUrl.parse("redis://:secret@db:6379/3").orElseThrow();
        assertThat(url.kind()).isEqualTo(RedisUrl.Kind.STANDALONE);
        assertThat(url.endpoints()).containsExactly("redis://:secret@db:6379/3");
    }

    @Test
    void the_master_that_sentinels_name_has_the_database_and_they_have_none() {
        RedisUrl url = RedisUrl.parse("rediss-sentinel://:secret@s1:26379,s2:26379/main/3")
                .orElseThrow();
        assertThat(url.kind()).isEqualTo(RedisUrl.Kind.SENTINEL);
        assertThat(url.master()).isEqualTo("main");
        assertThat(url.endpoints()).containsExactly("rediss://:secret@s1:26379", "rediss://:secret@s2:26379");
        assertThat(url.data("10.0.0.7:6379")).isEqualTo("rediss://:secret@10.0.0.7:6379/3");
    }

    @Test
    void some_servers_of_a_cluster() {
        RedisUrl url = RedisUrl.parse("redis-cluster://[::1]:7000,b:7001").orElseThrow();
        assertThat(url.kind()).isEqualTo(RedisUrl.Kind.CLUSTER);
        assertThat(url.endpoints()).containsExactly("redis://[::1]:7000", "redis://b:7001");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://db:6379",
                "redis://",
                "redis://a:6379,b:6379",
                "redis://db:6379/zero",
                "redis-sentinel://s1:26379",
                "redis-sentinel://s1:26379,/main",
                "redis-sentinel://s1:26379/main/zero",
                "redis-cluster://a:7000/1",
                "redis-cluster://a:7000, b:7001",
                "redis-cluster://a:port"
            })
    void what_is_none_of_these_is_refused(String url) {
        assertThat(RedisUrl.parse(url)).isEmpty();
    }
}
