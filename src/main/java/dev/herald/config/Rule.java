package dev.herald.config;

import dev.herald.redis.RedisUrl;
import io.netty.util.NetUtil;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a key's value may be.
 *
 * @param allowed ends the sentence "must be …"
 */
record Rule(String allowed, Predicate<String> accepts) {
    private static final int MIN_SECRET_BYTES = 24;
    private static final int MAX_SECRET_BYTES = 64;
    private static final String SECRET_PREFIX = "whsec_";
    private static final String KEY_PREFIX = "whsk_";
    private static final int KEY_BYTES = 64;
    private static final Pattern PUBLIC_KEY =
            Pattern.compile("-----BEGIN PUBLIC KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
    private static final int LEAST_MODULUS = 2_048;

    static Rule number(long min, long max) {
        return new Rule("a whole number from %d to %d".formatted(min, max), value -> {
            OptionalLong number = parseNumber(value);
            return number.isPresent() && number.getAsLong() >= min && number.getAsLong() <= max;
        });
    }

    static Rule duration(Duration min, Duration max) {
        return new Rule("a duration from %s to %s".formatted(min, max), value -> parseDuration(value)
                .filter(it -> it.compareTo(min) >= 0 && it.compareTo(max) <= 0)
                .isPresent());
    }

    static Rule oneOf(String... choices) {
        return new Rule("one of " + String.join(", ", choices), List.of(choices)::contains);
    }

    static Rule address() {
        return new Rule("an IP address or localhost", value -> isLocalhost(value) || isIp(value));
    }

    static Rule text(String what) {
        return new Rule(what, value -> !value.isBlank());
    }

    /** What an HTTP header can carry, so that it can be sent at all. */
    static Rule headerText() {
        return new Rule(
                "at most 1024 characters of ASCII without blanks",
                value -> value.length() <= 1024 && value.chars().allMatch(c -> c > ' ' && c < 0x7f));
    }

    static Rule retentions() {
        return new Rule(
                "type=duration with commas between, like 2=P365D,9=P7D, each from %s to %s"
                        .formatted(Retentions.LEAST, Retentions.MOST),
                value -> {
                    try {
                        return !Retentions.of(value).byType().isEmpty();
                    } catch (RuntimeException e) {
                        return false;
                    }
                });
    }

    /** Asks the parser that will read it, since the words of that parser's failure would show the password. */
    static Rule postgresUrl() {
        return new Rule("postgresql://user:password@host:port/database", value -> {
            try {
                PgConnectOptions options = PgConnectOptions.fromUri(value);
                return !options.getHost().isEmpty() && !options.getDatabase().isEmpty();
            } catch (RuntimeException e) {
                return false;
            }
        });
    }

    static Rule redisUrl() {
        return new Rule(RedisUrl.FORMS, value -> RedisUrl.parse(value).isPresent());
    }

    static Rule webUrl() {
        return new Rule(
                "a URL that begins with http:// or https://, without a user", value -> parseUrl(value, "http", "https")
                        .filter(url -> url.getUserInfo() == null && url.getPort() <= 65_535)
                        .isPresent());
    }

    static Rule socketUrl(String scheme) {
        return new Rule("a URL that begins with " + scheme + "://", value -> parseUrl(value, scheme)
                .isPresent());
    }

    static Rule hostAndPort() {
        return new Rule("host:port", value -> parseUrl("tcp://" + value, "tcp")
                .filter(url -> url.getAuthority().equals(value) && url.getUserInfo() == null)
                .filter(url -> url.getPort() > 0 && url.getPort() <= 65_535)
                .isPresent());
    }

    static Rule webhookSecret() {
        return new Rule(
                "base64 of %d to %d bytes after an optional %s, or of the %d of an ed25519 key after %s"
                        .formatted(MIN_SECRET_BYTES, MAX_SECRET_BYTES, SECRET_PREFIX, KEY_BYTES, KEY_PREFIX),
                value -> {
                    if (value.startsWith(KEY_PREFIX)) {
                        return decodedLength(value.substring(KEY_PREFIX.length())) == KEY_BYTES;
                    }
                    int length = decodedLength(
                            value.startsWith(SECRET_PREFIX) ? value.substring(SECRET_PREFIX.length()) : value);
                    return length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES;
                });
    }

    static Rule jsonTexts() {
        return new Rule("a JSON object of texts like {\"Authorization\":\"Bearer abc\"}", value -> {
            try {
                return new JsonObject(value).stream().allMatch(entry -> entry.getValue() instanceof String);
            } catch (DecodeException e) {
                return false;
            }
        });
    }

    /** As long as what it signs with is (RFC 7518 section 3.2). */
    static Rule sharedKey() {
        return new Rule("a secret of at least 32 bytes", value -> value.getBytes(StandardCharsets.UTF_8).length >= 32);
    }

    static Rule publicKey() {
        return new Rule("an RSA public key of at least 2048 bits in PEM, BEGIN PUBLIC KEY", value -> {
            Matcher pem = PUBLIC_KEY.matcher(value.strip());
            try {
                return pem.matches()
                        && KeyFactory.getInstance("RSA")
                                        .generatePublic(new X509EncodedKeySpec(
                                                Base64.getMimeDecoder().decode(pem.group(1))))
                                instanceof RSAPublicKey key
                        && key.getModulus().bitLength() >= LEAST_MODULUS;
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                return false;
            }
        });
    }

    static Rule encryptionKey() {
        return new Rule("base64 of 32 bytes", value -> decodedLength(value) == 32);
    }

    static Rule eventNames() {
        return new Rule(
                "names of events separated by commas, each of which may end with *",
                value -> value.matches("[a-z.*]+( *, *[a-z.*]+)*"));
    }

    static Rule networks() {
        return new Rule(
                "networks like 10.0.0.0/8 separated by commas",
                value -> Stream.of(value.split(",", -1)).map(String::strip).allMatch(Rule::isNetwork));
    }

    Rule orEmpty() {
        return new Rule("empty or " + allowed, value -> value.isEmpty() || accepts.test(value));
    }

    static OptionalLong parseNumber(String value) {
        return value.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(value)) : OptionalLong.empty();
    }

    static Optional<Duration> parseDuration(String value) {
        try {
            return Optional.of(Duration.parse(value));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    static boolean isLoopback(String address) {
        return isLocalhost(address) || address.startsWith("127.") || address.equals("::1");
    }

    private static Optional<URI> parseUrl(String value, String... schemes) {
        try {
            URI url = new URI(value);
            boolean usable = url.getHost() != null && List.of(schemes).contains(url.getScheme());
            return usable ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean isLocalhost(String address) {
        return address.equals("localhost");
    }

    private static boolean isIp(String address) {
        return NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address);
    }

    private static boolean isNetwork(String text) {
        String[] parts = text.split("/", -1);
        int most = NetUtil.isValidIpV4Address(parts[0]) ? 32 : 128;
        return parts.length == 2 && isIp(parts[0]) && parseNumber(parts[1]).orElse(Long.MAX_VALUE) <= most;
    }

    private static int decodedLength(String base64) {
        try {
            return Base64.getDecoder().decode(base64).length;
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }
}
