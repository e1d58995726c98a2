package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.function.Consumer;

/**
 * Who is the master, as the first Sentinel says that answers. The client's own mode would not tell that the master has
 * changed, after which writes may be missing; and a master that was cut off from the Sentinels alone would be kept.
 */
final class Sentinels {
    private Sentinels() {}

    static Future<ServerLink> connect(Vertx vertx, RedisUrl url, Consumer<RedisLink> onLost) {
        return master(vertx, url)
                .compose(master -> ServerLink.connect(vertx, master, onLost).compose(link -> checkRole(link)
                        .map(checked ->
                                link.confirmedBy(() -> master(vertx, url).map(master::equals)))
                        .recover(cause -> link.close().transform(closed -> Future.failedFuture(cause)))));
    }

    private static Future<String> master(Vertx vertx, RedisUrl url) {
        return ServerLink.askAny(
                vertx, url.endpoints(), (sentinel, endpoint) -> sentinel.send(Request.cmd(Command.SENTINEL)
                                .arg("GET-MASTER-ADDR-BY-NAME")
                                .arg(url.master()))
                        .compose(address -> address == null
                                ? Future.failedFuture(new HeraldException(
                                        Failure.UNAVAILABLE, "the Sentinels know no master " + url.master()))
                                : Future.succeededFuture(url.data(Slots.server(address.get(0), address.get(1))))));
    }

    /** For a while after a failover a Sentinel may name a server that is none any more. */
    private static Future<Void> checkRole(ServerLink link) {
        return link.send(Request.cmd(Command.ROLE))
                .compose(role -> role != null && role.get(0).toString().equals("master")
                        ? Future.succeededFuture()
                        : Future.failedFuture(new HeraldException(
                                Failure.UNAVAILABLE, "the Sentinels name a server that is no master")));
    }
}
