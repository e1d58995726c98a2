package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.wire.Frame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Clients who log in; whoever does not get in is a problem. */
public final class Crowd {
    private final World world;
    private final Result result;
    private final Client.Listener listener;
    private final Latency logins = new Latency();
    private long come;
    private long in;
    private long failed;

    public Crowd(World world, Result result, Client.Listener listener) {
        this.world = world;
        this.result = result;
        this.listener = listener;
    }

    /** Of clients who do as they should and no more: they acknowledge what they receive. */
    static Crowd quiet(World world, Result result) {
        return new Crowd(world, result, acknowledging(result));
    }

    /** So many, so many at once; returns those who got in, when all have been answered. */
    public List<Client> connect(int count, int atOnce, IntFunction<String> uid) {
        List<Client> open = new ArrayList<>();
        connect(count, atOnce, uid, open::add);
        return open;
    }

    /** @param entered told of each who got in, on the driver's thread */
    void connect(int count, int atOnce, IntFunction<String> uid, Consumer<Client> entered) {
        long before = world.loop().call(() -> in + failed);
        Iterator<String> uids = IntStream.range(0, count).mapToObj(uid).iterator();
        world.loop().run(() -> {
            for (int i = 0; i < atOnce; i++) {
                next(uids, entered);
            }
        });
        if (!world.await(before + count, new Counter("logins answered", () -> in + failed))) {
            throw new IllegalStateException("not all of " + count + " logins were answered");
        }
    }

    /** One more; called on the driver's thread. */
    CompletableFuture<Client> come(String uid) {
        return come(uid, System.nanoTime());
    }

    /** @param due when it should have come: its time counts from there */
    CompletableFuture<Client> come(String uid, long due) {
        come++;
        return world.sockets().open(uid, 0, listener).whenComplete((client, refused) -> {
            if (refused == null) {
                in++;
                logins.ended(due);
            } else {
                failed++;
                result.problem("login: " + refused.getMessage());
            }
        });
    }

    /** Waits for the answers to all who came one by one. */
    void settle() {
        world.await(world.loop().call(() -> come), new Counter("logins answered", () -> in + failed));
    }

    Latency logins() {
        return logins;
    }

    /** Logins so far. */
    Counter counter() {
        return new Counter("login", () -> in);
    }

    private void next(Iterator<String> uids, Consumer<Client> entered) {
        if (uids.hasNext()) {
            come(uids.next()).whenComplete((client, refused) -> {
                if (refused == null) {
                    entered.accept(client);
                }
                next(uids, entered);
            });
        }
    }

    /** Acknowledges what is received; a lost connection is a problem. */
    static Client.Listener acknowledging(Result result) {
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                if (frame instanceof Frame.Recv recv) {
                    client.write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                } else if (frame instanceof Frame.Disconnect disconnect) {
                    result.problem(client.uid() + " was kicked: " + disconnect.reason());
                }
            }

            @Override
            public void lost(Client client, String why) {
                result.problem(client.uid() + ": " + why);
            }
        };
    }
}
