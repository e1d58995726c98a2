package dev.herald.config;

import static dev.herald.config.Rule.address;
import static dev.herald.config.Rule.duration;
import static dev.herald.config.Rule.encryptionKey;
import static dev.herald.config.Rule.eventNames;
import static dev.herald.config.Rule.headerText;
import static dev.herald.config.Rule.hostAndPort;
import static dev.herald.config.Rule.jsonTexts;
import static dev.herald.config.Rule.networks;
import static dev.herald.config.Rule.number;
import static dev.herald.config.Rule.oneOf;
import static dev.herald.config.Rule.postgresUrl;
import static dev.herald.config.Rule.publicKey;
import static dev.herald.config.Rule.redisUrl;
import static dev.herald.config.Rule.retentions;
import static dev.herald.config.Rule.sharedKey;
import static dev.herald.config.Rule.socketUrl;
import static dev.herald.config.Rule.text;
import static dev.herald.config.Rule.webUrl;
import static dev.herald.config.Rule.webhookSecret;
import static java.util.Map.entry;

import java.time.Duration;
import java.util.Map;

/** What the value of every key must be. */
final class ConfigRules {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final Duration MILLIS_100 = Duration.ofMillis(100);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    static final Map<String, Rule> BY_KEY = Map.ofEntries(
            entry("bind", address()),
            entry("http.port", number(0, 65_535)),
            entry("http.max-body-bytes", number(KIB, 256 * MIB)),
            entry("ws.port", number(0, 65_535)),
            entry("ws.max-frame-bytes", number(KIB, 64 * MIB)),
            entry("ws.max-outbox-bytes", number(KIB, 256 * MIB)),
            entry("ws.handshake-timeout", duration(MILLIS_100, HOUR)),
            entry("ws.idle-timeout", duration(SECOND, HOUR.multipliedBy(24))),
            entry("ws.ping-after", duration(MILLIS_100, HOUR)),
            entry("ws.pong-timeout", duration(MILLIS_100, HOUR)),
            entry("ws.max-connections", number(1, 1_000_000)),
            entry("ws.connect-rate", number(0, 1_000_000)),
            entry("tcp.port", number(0, 65_535)),
            entry("management.port", number(0, 65_535)),
            entry("telemetry.otlp", webUrl().orEmpty()),
            entry("drain.within", duration(SECOND.multipliedBy(3), HOUR)),
            entry("data.dir", text("the name of a folder")),
            entry("cluster.enabled", oneOf("true", "false")),
            entry("cluster.bind", address()),
            entry("cluster.advertise", address().orEmpty()),
            entry("cluster.port", number(1, 65_535)),
            entry("cluster.bus-port", number(0, 65_535)),
            entry("cluster.members", text("hosts, with or without a port, separated by commas")),
            entry("cluster.dns", text("a name in DNS").orEmpty()),
            entry("postgres.url", postgresUrl().orEmpty()),
            entry("postgres.pool-size", number(1, 1000)),
            entry("redis.url", redisUrl().orEmpty()),
            entry("api.token", headerText().orEmpty()),
            entry("api.idempotency-retention", duration(Duration.ofMinutes(2), HOUR.multipliedBy(24 * 30))),
            entry("client.auth", oneOf("none", "token", "jwt")),
            entry("client.jwt.secret", sharedKey().orEmpty()),
            entry("client.jwt.public-key", publicKey().orEmpty()),
            entry("client.jwt.jwks", webUrl().orEmpty()),
            entry("client.jwt.issuer", text("what tokens claim as iss").orEmpty()),
            entry("client.jwt.audience", text("what tokens claim as aud").orEmpty()),
            entry("client.jwt.leeway", duration(Duration.ZERO, Duration.ofMinutes(5))),
            entry("client.proxy-protocol", oneOf("true", "false")),
            entry("client.public-tcp", hostAndPort().orEmpty()),
            entry("client.public-ws", socketUrl("ws").orEmpty()),
            entry("client.public-wss", socketUrl("wss").orEmpty()),
            entry("messages.person-whitelist", oneOf("true", "false")),
            entry("messages.retention", retentions().orEmpty()),
            entry("messages.connection-rate", number(0, 1_000_000)),
            entry("messages.user-rate", number(0, 1_000_000)),
            entry("messages.redelivery-after", duration(MILLIS_100, Duration.ofHours(1))),
            entry("commands.on-change", oneOf("true", "false")),
            entry("commands.concurrency", number(1, 10_000)),
            entry("commands.lease", duration(SECOND, HOUR)),
            entry("commands.window", number(1, 10_000)),
            entry("commands.redelivery-after", duration(MILLIS_100, Duration.ofMinutes(5))),
            entry("commands.inbox-bound", number(64, 100_000)),
            entry("commands.retention", duration(HOUR, HOUR.multipliedBy(24 * 365))),
            entry("presence.lease", duration(SECOND, HOUR)),
            entry("presence.active-within", duration(SECOND, HOUR.multipliedBy(24))),
            entry("presence.device-events", oneOf("true", "false")),
            entry("presence.watch", oneOf("list", "anybody")),
            entry("presence.grace", duration(Duration.ZERO, HOUR)),
            entry("presence.max-hold", duration(Duration.ZERO, HOUR)),
            entry("presence.drain-grace", duration(Duration.ZERO, HOUR)),
            entry("presence.reconcile-interval", duration(SECOND, HOUR.multipliedBy(24))),
            entry("presence.drift-alarm", number(0, 1_000_000)),
            entry(
                    "presence.tiers.priority.uids",
                    text("uids, separated by commas").orEmpty()),
            entry("presence.tiers.priority.grace", duration(Duration.ZERO, HOUR)),
            entry("presence.tiers.priority.interval", duration(SECOND, HOUR)),
            entry("webhook.url", webUrl().orEmpty()),
            entry("webhook.secret", webhookSecret().orEmpty()),
            entry("webhook.old-secret", webhookSecret().orEmpty()),
            entry("webhook.headers", jsonTexts().orEmpty()),
            entry("webhook.format", oneOf("wukong", "standard")),
            entry("webhook.events", eventNames().orEmpty()),
            entry("webhook.batch-size", number(1, 1000)),
            entry("webhook.batch-delay", duration(Duration.ZERO, Duration.ofSeconds(10))),
            entry("webhook.concurrency", number(1, 64)),
            entry("webhook.rate", number(0, 100_000)),
            entry("webhook.timeout", duration(MILLIS_100, HOUR)),
            entry("webhook.allowed-networks", networks().orEmpty()),
            entry("webhook.key", encryptionKey().orEmpty()),
            entry("webhook.offline-rule", oneOf("no-device", "no-master")),
            entry("webhook.pull", eventNames().orEmpty()),
            entry("webhook.max-age", duration(HOUR, HOUR.multipliedBy(24 * 30))),
            entry("webhook.retention", duration(HOUR, HOUR.multipliedBy(24 * 365))),
            entry("webhook.dead-letter-retention", duration(HOUR, HOUR.multipliedBy(24 * 365))));

    private ConfigRules() {}
}
