package dev.herald.bench.net;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The one thread that all clients live on. */
public final class Loop implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();

    EventLoop events() {
        return loop;
    }

    /** Runs it there and waits for the answer. */
    public <T> T call(Callable<T> work) {
        return get(loop.submit(work));
    }

    public void run(Runnable work) {
        get(loop.submit(work));
    }

    /** Runs it there once, after so long. */
    public void later(Duration delay, Runnable work) {
        loop.schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs it there every millisecond until the returned handle is closed. */
    public AutoCloseable everyMilli(Runnable work) {
        Future<?> ticking = loop.scheduleAtFixedRate(work, 1, 1, TimeUnit.MILLISECONDS);
        return () -> ticking.cancel(false);
    }

    /** Waits until it holds, asked there; false if it did not in time. */
    public boolean await(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!call(condition::getAsBoolean)) {
            if (System.nanoTime() > end) {
                return false;
            }
            pause(POLL);
        }
        return true;
    }

    /** Lets time pass on the calling thread. */
    public void pause(Duration time) {
        get(loop.schedule(() -> true, time.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
