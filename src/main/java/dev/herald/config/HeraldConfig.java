package dev.herald.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMapping.NamingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The configuration's shape; what each key means and its default stand in {@code conf/herald.yaml}. */
@ConfigMapping(prefix = "", namingStrategy = NamingStrategy.KEBAB_CASE)
public interface HeraldConfig {
    String bind();

    Http http();

    Ws ws();

    Port tcp();

    Port management();

    Telemetry telemetry();

    Drain drain();

    Data data();

    Cluster cluster();

    Postgres postgres();

    Redis redis();

    Api api();

    Client client();

    Messages messages();

    Commands commands();

    Presence presence();

    Webhook webhook();

    interface Port {
        int port();
    }

    interface Http extends Port {
        int maxBodyBytes();
    }

    interface Ws extends Port {
        int maxFrameBytes();

        int maxOutboxBytes();

        Duration handshakeTimeout();

        Duration idleTimeout();

        Duration pingAfter();

        Duration pongTimeout();

        int maxConnections();

        int connectRate();
    }

    interface Telemetry {
        Optional<String> otlp();
    }

    interface Drain {
        Duration within();
    }

    interface Data {
        String dir();
    }

    interface Cluster extends Port {
        boolean enabled();

        String bind();

        Optional<String> advertise();

        int busPort();

        List<String> members();

        Optional<String> dns();
    }

    interface Postgres {
        Optional<Secret> url();

        int poolSize();
    }

    interface Redis {
        Optional<Secret> url();

        /** Given, or of the one that this process has started: it is known before anything is deployed. */
        static String urlOf(HeraldConfig config) {
            return config.redis().url().orElseThrow().value();
        }
    }

    interface Api {
        Optional<Secret> token();

        Duration idempotencyRetention();
    }

    interface Client {
        Auth auth();

        boolean proxyProtocol();

        Optional<String> publicTcp();

        Optional<String> publicWs();

        Optional<String> publicWss();

        Jwt jwt();

        enum Auth {
            NONE,
            TOKEN,
            JWT
        }
    }

    interface Jwt {
        Optional<Secret> secret();

        Optional<String> publicKey();

        Optional<String> jwks();

        Optional<String> issuer();

        Optional<String> audience();

        Duration leeway();
    }

    interface Messages {
        boolean personWhitelist();

        Optional<Retentions> retention();

        int connectionRate();

        int userRate();

        Duration redeliveryAfter();
    }

    interface Commands {
        boolean onChange();

        int concurrency();

        Duration lease();

        int window();

        Duration redeliveryAfter();

        int inboxBound();

        Duration retention();
    }

    interface Presence {
        Duration lease();

        Duration activeWithin();

        boolean deviceEvents();

        Watch watch();

        Duration grace();

        Duration maxHold();

        Duration drainGrace();

        Duration reconcileInterval();

        int driftAlarm();

        Tiers tiers();

        enum Watch {
            LIST,
            ANYBODY
        }

        interface Tiers {
            Tier priority();
        }

        interface Tier {
            Optional<List<String>> uids();

            Duration grace();

            Duration interval();
        }
    }

    interface Webhook {
        Optional<String> url();

        Optional<Secret> secret();

        Optional<Secret> oldSecret();

        Optional<Secret> headers();

        Format format();

        Optional<List<String>> events();

        int batchSize();

        Duration batchDelay();

        int concurrency();

        int rate();

        Duration timeout();

        Optional<String> allowedNetworks();

        Optional<Secret> key();

        OfflineRule offlineRule();

        Optional<List<String>> pull();

        Duration maxAge();

        Duration retention();

        Duration deadLetterRetention();

        enum Format {
            WUKONG,
            STANDARD
        }

        enum OfflineRule {
            NO_DEVICE,
            NO_MASTER
        }
    }
}
