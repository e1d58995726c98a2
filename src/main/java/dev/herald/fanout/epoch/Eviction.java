package dev.herald.fanout.epoch;

import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisCalls;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An inbox that Redis evicts is lost without anybody noticing: a Redis that is free to do that is not used. */
public final class Eviction {
    private static final Logger log = LoggerFactory.getLogger(Eviction.class);

    /** The other policies take no key without an expiry, as those of inboxes are. */
    private static final String ANY_KEY = "maxmemory_policy:allkeys-";

    private Eviction() {}

    public static Future<Void> refuse(RedisCalls redis) {
        return redis.sendToMasters(Request.cmd(Command.INFO).arg("memory")).compose(infos -> {
            if (infos.stream().noneMatch(info -> String.valueOf(info).contains(ANY_KEY))) {
                return Future.succeededFuture();
            }
            HeraldException refused =
                    HeraldException.invalid("redis.url", "its server must have maxmemory-policy noeviction");
            log.error("this Redis is not used: {}", refused.getMessage());
            return Future.failedFuture(refused);
        });
    }
}
