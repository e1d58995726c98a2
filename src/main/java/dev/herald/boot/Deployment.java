package dev.herald.boot;

import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * A verticle to be run.
 *
 * @param name shown by readiness and in the log
 * @param instances each on a context of its own
 */
record Deployment(String name, Supplier<VerticleBase> verticle, int instances) {}
