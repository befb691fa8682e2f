# What the Sklearn tuner's builders return.
from sklearn import ensemble, linear_model
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def build_model(hp):
    model_type = hp.Choice("model_type", ["random_forest", "ridge", "svc"])
    if model_type == "random_forest":
        with hp.conditional_scope("model_type", "random_forest"):
            return ensemble.RandomForestClassifier(
                n_estimators=hp.Int("n_estimators", 10, 50, step=10), max_depth=hp.Int("max_depth", 3, 10)
            )
    if model_type == "ridge":
        with hp.conditional_scope("model_type", "ridge"):
            return linear_model.RidgeClassifier(alpha=hp.Float("alpha", 1e-3, 1, sampling="log"))
    with hp.conditional_scope("model_type", "svc"):
        return make_pipeline(StandardScaler(), SVC(C=hp.Float("C", 1e-2, 1e2, sampling="log")))
